"""The forms of providers' keys, as their documentation and GitHub's list of secret scanning patterns give them.

Each is how a key begins, and how it goes on.
"""

from __future__ import annotations

KEYS = (
    # Amazon Web Services
    (r"(?:AKIA|ASIA|ABIA|ACCA)", r"[A-Z0-9]{16}"),
    # GitHub
    (r"gh[pousr]_", r"[A-Za-z0-9]{36,255}"),
    (r"github_pat_", r"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    # GitLab
    (r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct)-", r"[A-Za-z0-9_\-]{20,64}(?:\.[a-z0-9]{2}\.[a-z0-9]{9})?"),
    # Google
    (r"AIza", r"[A-Za-z0-9_\-]{35}"),
    (r"GOCSPX-", r"[A-Za-z0-9_\-]{28}"),
    (r"ya29\.", r"[A-Za-z0-9_\-]{20,255}"),
    # Slack
    (r"xox[abeoprs]-", r"[A-Za-z0-9\-]{10,250}"),
    (r"xapp-[0-9]-", r"[A-Z0-9]{8,12}-[0-9]{10,14}-[a-f0-9]{64}"),
    (r"hooks\.slack\.com/services/T", r"[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}"),
    # Stripe
    (r"(?:sk|rk)_(?:live|test)_", r"[A-Za-z0-9]{16,247}"),
    (r"whsec_", r"[A-Za-z0-9+/]{32,64}={0,2}"),
    # OpenAI, Anthropic, OpenRouter, DeepSeek
    (r"sk-", r"[A-Za-z0-9_\-]{20,220}"),
    # Hugging Face
    (r"(?:hf_|api_org_)", r"[A-Za-z0-9]{34}"),
    # Groq, xAI, Replicate, Perplexity
    (r"gsk_", r"[A-Za-z0-9]{52}"),
    (r"xai-", r"[A-Za-z0-9]{80}"),
    (r"r8_", r"[A-Za-z0-9]{37}"),
    (r"pplx-", r"[A-Za-z0-9]{48}"),
    # Azure
    (r"AccountKey=", r"[A-Za-z0-9+/]{86}=="),
    (r"SharedAccessKey=", r"[A-Za-z0-9+/]{43}="),
    (r"sig=", r"[A-Za-z0-9%+/]{40,60}(?:%3D|%3d|=)"),
    # Twilio, SendGrid, Mailgun
    (r"SK", r"[0-9a-f]{32}"),
    (r"SG\.", r"[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}"),
    (r"key-", r"[0-9a-f]{32}"),
    # Registries of packages
    (r"npm_", r"[A-Za-z0-9]{36}"),
    (r"pypi-AgE", r"[A-Za-z0-9_\-]{60,250}"),
    (r"rubygems_", r"[0-9a-f]{48}"),
    (r"dckr_(?:pat|oat)_", r"[A-Za-z0-9_\-]{27,32}"),
    # DigitalOcean, Heroku, Databricks, Vault, Tailscale
    (r"do[opr]_v1_", r"[a-f0-9]{64}"),
    (r"HRKU-", r"[A-Za-z0-9_\-]{36,64}"),
    (r"dapi", r"[a-f0-9]{32}(?:-[0-9])?"),
    (r"hv[sbr]\.", r"[A-Za-z0-9_\-]{24,300}"),
    (r"tskey-(?:auth|api|client)-", r"[A-Za-z0-9]{10,20}-[A-Za-z0-9]{20,40}"),
    # Telegram, Discord
    (r"[0-9]{8,10}:AA", r"[A-Za-z0-9_\-]{33}"),
    (r"[MNO][A-Za-z0-9_\-]{23,27}\.", r"[A-Za-z0-9_\-]{6,7}\.[A-Za-z0-9_\-]{27,38}"),
    (r"discord(?:app)?\.com/api/webhooks/", r"[0-9]{17,20}/[A-Za-z0-9_\-]{60,72}"),
    # Shopify, Square, Linear, Notion, Postman, Grafana, Atlassian, Figma, New Relic, Sentry, Supabase, age
    (r"shp(?:at|ca|pa|ss)_", r"[a-fA-F0-9]{32}"),
    (r"sq0(?:atp|csp)-", r"[A-Za-z0-9_\-]{22,43}"),
    (r"lin_api_", r"[A-Za-z0-9]{40}"),
    (r"ntn_", r"[A-Za-z0-9]{40,50}"),
    (r"PMAK-", r"[a-f0-9]{24}-[a-f0-9]{34}"),
    (r"gl(?:sa|c)_", r"[A-Za-z0-9]{32}_?[A-Za-z0-9]{8}"),
    (r"ATATT3", r"[A-Za-z0-9_\-=]{60,250}"),
    (r"figd_", r"[A-Za-z0-9_\-]{40,48}"),
    (r"NRAK-", r"[A-Z0-9]{27}"),
    (r"sntry[su]_", r"[A-Za-z0-9+/=_]{60,250}"),
    (r"sbp_", r"[a-f0-9]{40}"),
    (r"AGE-SECRET-KEY-1", r"[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
)
HEADS = "|".join(head for head, _ in KEYS)
WHOLE = "|".join(head + rest for head, rest in KEYS)
