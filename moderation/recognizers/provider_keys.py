"""The forms of providers' keys, as their documentation and GitHub's list of secret scanning patterns give them."""

from __future__ import annotations

KEYS = (
    # Amazon Web Services
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
    # GitHub
    r"gh[pousr]_[A-Za-z0-9]{36,255}\b",
    r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b",
    # GitLab
    r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct)-[A-Za-z0-9_\-]{20,64}(?:\.[a-z0-9]{2}\.[a-z0-9]{9})?",
    # Google
    r"AIza[A-Za-z0-9_\-]{35}",
    r"GOCSPX-[A-Za-z0-9_\-]{28}",
    r"ya29\.[A-Za-z0-9_\-]{20,255}",
    # Slack
    r"xox[abeoprs]-[A-Za-z0-9\-]{10,250}\b",
    r"xapp-[0-9]-[A-Z0-9]{8,12}-[0-9]{10,14}-[a-f0-9]{64}\b",
    r"hooks\.slack\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}\b",
    # Stripe
    r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,247}\b",
    r"whsec_[A-Za-z0-9+/]{32,64}={0,2}",
    # OpenAI, Anthropic, OpenRouter, DeepSeek
    r"sk-[A-Za-z0-9_\-]{20,220}",
    # Hugging Face
    r"(?:hf_|api_org_)[A-Za-z0-9]{34}\b",
    # Groq, xAI, Replicate, Perplexity
    r"gsk_[A-Za-z0-9]{52}\b",
    r"xai-[A-Za-z0-9]{80}\b",
    r"r8_[A-Za-z0-9]{37}\b",
    r"pplx-[A-Za-z0-9]{48}\b",
    # Azure
    r"AccountKey=[A-Za-z0-9+/]{86}==",
    r"SharedAccessKey=[A-Za-z0-9+/]{43}=",
    r"sig=[A-Za-z0-9%+/]{40,60}(?:%3D|%3d|=)",
    # Twilio, SendGrid, Mailgun
    r"SK[0-9a-f]{32}\b",
    r"SG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}",
    r"key-[0-9a-f]{32}\b",
    # Registries of packages
    r"npm_[A-Za-z0-9]{36}\b",
    r"pypi-AgE[A-Za-z0-9_\-]{60,250}",
    r"rubygems_[0-9a-f]{48}\b",
    r"dckr_(?:pat|oat)_[A-Za-z0-9_\-]{27,32}",
    # DigitalOcean, Heroku, Databricks, Vault, Tailscale
    r"do[opr]_v1_[a-f0-9]{64}\b",
    r"HRKU-[A-Za-z0-9_\-]{36,64}",
    r"dapi[a-f0-9]{32}(?:-[0-9])?\b",
    r"hv[sbr]\.[A-Za-z0-9_\-]{24,300}",
    r"tskey-(?:auth|api|client)-[A-Za-z0-9]{10,20}-[A-Za-z0-9]{20,40}\b",
    # Telegram, Discord
    r"[0-9]{8,10}:AA[A-Za-z0-9_\-]{33}",
    r"[MNO][A-Za-z0-9_\-]{23,27}\.[A-Za-z0-9_\-]{6,7}\.[A-Za-z0-9_\-]{27,38}",
    r"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_\-]{60,72}",
    # Shopify, Square, Linear, Notion, Postman, Grafana, Atlassian, Figma, New Relic, Sentry, Supabase, age
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b",
    r"sq0(?:atp|csp)-[A-Za-z0-9_\-]{22,43}",
    r"lin_api_[A-Za-z0-9]{40}\b",
    r"ntn_[A-Za-z0-9]{40,50}\b",
    r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}\b",
    r"gl(?:sa|c)_[A-Za-z0-9]{32}_?[A-Za-z0-9]{8}\b",
    r"ATATT3[A-Za-z0-9_\-=]{60,250}",
    r"figd_[A-Za-z0-9_\-]{40,48}",
    r"NRAK-[A-Z0-9]{27}\b",
    r"sntry[su]_[A-Za-z0-9+/=_]{60,250}",
    r"sbp_[a-f0-9]{40}\b",
    r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b",
)
