"""Settings of the site, read from the environment by typed readers that fail loudly."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC
from django.templatetags.static import static

from hermes_web import environment as env
from hermes_web.addresses import celery_broker, redis_address
from hermes_web.admin_colours import operator_admin_colours
from hermes_web.audit_anchors import anchor_file, anchor_syslog, anchor_webhook
from hermes_web.databases import read_databases
from hermes_web.mail import read_mail
from hermes_web.public_address import host
from hermes_web.single_sign_on import single_sign_on
from hermes_web.stack.layout import Layout

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("HERMES_DATA_DIR", str(BASE_DIR / "var"))).resolve()
EMBEDDED = Layout(DATA_DIR)

# The site and its addresses
DEBUG = env.boolean("HERMES_DEBUG", default=False)
SECRET_KEY = env.secret("HERMES_SECRET_KEY") or EMBEDDED.secret_key()
PORT = env.integer("HERMES_PORT", 8000, 1, 65535)
PUBLIC_URL = env.url("HERMES_PUBLIC_URL", f"http://localhost:{PORT}", ("http", "https")).rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")
# Our own probes ask by the public name, so no setting takes it away.
ALLOWED_HOSTS = [host(PUBLIC_URL), *(env.words("HERMES_ALLOWED_HOSTS") or ["localhost", "127.0.0.1"])]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# Sockets are opened from these pages only. Without TLS this is a trial on one's own machine.
SOCKET_ORIGINS = [PUBLIC_URL, *([] if SECURE else [f"http://localhost:{PORT}", f"http://127.0.0.1:{PORT}"])]
ROOT_URLCONF = "hermes_web.urls"
ASGI_APPLICATION = "hermes_web.asgi.application"

INSTALLED_APPS = [
    "daphne",
    "unfold.apps.BasicAppConfig",
    "hermes_web.apps.OperatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "channels",
    "csp",
    "django_htmx",
    "hermes_web",
    "console",
    "chat",
    "inference",
    "moderation",
    "accounts",
    "audit",
]

MIDDLEWARE = [
    "hermes_web.request_origin.RequestOriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hermes_web.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "chat.error_pages.ErrorPagesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Postgres
DATABASES = read_databases(EMBEDDED)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Valkey or Redis: token log, doorbells, hints, cache, Celery's broker
REDIS_URL = redis_address(env.secret("REDIS_URL") or EMBEDDED.redis_url)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
}

# Celery: at least once; the database decides whether anything is left to do
CELERY_BROKER_URL = celery_broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_BEAT_SCHEDULE = {
    "give-titles": {"task": "chat.tasks.title_untitled", "schedule": timedelta(seconds=60)},
    "sweep-backtests": {"task": "chat.tasks.sweep_backtests", "schedule": timedelta(seconds=30)},
    # The worker does both; these are the second pair of hands.
    "seal-audit": {"task": "audit.tasks.seal", "schedule": timedelta(seconds=5), "options": {"expires": 5}},
    "anchor-audit": {"task": "audit.tasks.anchor", "schedule": timedelta(seconds=30), "options": {"expires": 30}},
    "sweep-jobs": {"task": "chat.tasks.sweep_jobs", "schedule": timedelta(seconds=15)},
    "roll-up-today": {"task": "chat.tasks.roll_up_today", "schedule": timedelta(minutes=5)},
    "hourly": {"task": "chat.tasks.hourly", "schedule": timedelta(hours=1)},
    "nightly": {"task": "chat.tasks.nightly", "schedule": crontab(hour="3", minute="10")},
}

# Where the audit record's heads are written outside the database
AUDIT_ANCHOR_FILE = anchor_file(DATA_DIR)
AUDIT_ANCHOR_SYSLOG = anchor_syslog()
AUDIT_ANCHOR_WEBHOOK = anchor_webhook()
AUDIT_ANCHOR_SECRET = env.secret("HERMES_AUDIT_ANCHOR_SECRET") or ""

# The engine. Without an address the embedded one answers.
ENGINE_URL = env.url("HERMES_ENGINE_URL", EMBEDDED.engine_url, ("http", "https")).rstrip("/")
ENGINE_MODEL = env.text("HERMES_ENGINE_MODEL", "")
ENGINE_API_KEY = env.secret("HERMES_ENGINE_API_KEY") or ""
ENGINE_CONTEXT = env.integer("HERMES_ENGINE_CONTEXT", 0, 0, 10_000_000)
ENGINE_STREAMS = env.integer("HERMES_ENGINE_STREAMS", 0, 0, 10_000)
# Seconds without a sign of the engine, after which an answer is given up
ENGINE_FIRST_TOKEN_SECONDS = env.integer("HERMES_ENGINE_FIRST_TOKEN_SECONDS", 120, 1, 3600)
ENGINE_BETWEEN_TOKENS_SECONDS = env.integer("HERMES_ENGINE_BETWEEN_TOKENS_SECONDS", 60, 1, 3600)
ENGINE_IS_TRIAL = not env.text("HERMES_ENGINE_URL", "")

# People
MAIL = read_mail()
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
MEMBERS_CREATE_ORGANIZATIONS = env.boolean("HERMES_MEMBERS_CREATE_ORGANIZATIONS", default=False)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
FIRST_OWNER_EMAIL = env.text("HERMES_ADMIN_EMAIL", "")
FIRST_OWNER_PASSWORD = env.secret("HERMES_ADMIN_PASSWORD") or ""
FIRST_ORGANIZATION = env.text("HERMES_ORGANIZATION", "Our organization")

# Sign-in
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if MAIL.sent else "none"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "100/h/ip,10/15m/key",
    "reset_password": "20/h/ip,5/h/key",
}
ACCOUNT_EMAIL_NOTIFICATIONS = MAIL.sent
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_MAX_EMAIL_ADDRESSES = 3
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {"edit_webauthn": "accounts.key_form.RenameKeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Hermes Web"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_TOTP_TOLERANCE = 1
USERSESSIONS_ADAPTER = "accounts.adapter.SessionsAdapter"
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SingleSignOnAdapter"
SOCIALACCOUNT_ONLY = False
# A link, not a form: form-action would forbid the provider's redirects (docs/adr/0006).
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": single_sign_on()}}

# The operator's admin
UNFOLD = {
    "SITE_TITLE": "Hermes Web",
    "SITE_HEADER": "Hermes Web",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("mark.svg")}],
    "COLORS": operator_admin_colours(),
    "STYLES": [lambda request: static("operator.css")],
}

# Mail: through SMTP when it is configured, else into the log
EMAIL_IS_SENT = MAIL.sent
EMAIL_BACKEND = MAIL.backend
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.starttls, MAIL.tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("HERMES_MAIL_FROM", "Hermes Web <hermes@localhost>")

# Language, time, files
LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "hermes_web.formats"
STATIC_URL = "/static/"
# What people take along, for a day. Web and jobs share this folder.
EXPORT_DIR = Path(env.text("HERMES_EXPORT_DIR", str(DATA_DIR / "exports")))
STATIC_ROOT = Path(env.text("HERMES_STATIC_DIR", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# The browser's limits on us
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE, STRICT_DYNAMIC],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "filters": {"without_readiness": {"()": "hermes_web.log_lines.WithoutReadiness"}},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "django.request": {"filters": ["without_readiness"]},
        "django.server": {"level": "WARNING"},
    },
}
