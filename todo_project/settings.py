"""Every setting, read from the environment and from `.env` beside manage.py. `.env.example` lists the variables."""

import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from realtime.broker.layer import channel_layers
from tasks.core.api import bodies
from todo_project import telemetry, values
from todo_project.cache import caches
from todo_project.databases import database
from todo_project.environment import Environment
from todo_project.log import LEVELS, logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment.of_process(BASE_DIR / ".env")

# The basis

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.secret("SECRET_KEY") or (secrets.token_urlsafe(50) if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is missing. Put a long random value into the environment or into .env: "
        """python3 -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50))' >> .env"""
    )
values.secret_key("SECRET_KEY", SECRET_KEY)
# These verify signatures and make none.
SECRET_KEY_FALLBACKS = [
    values.secret_key("SECRET_KEY_FALLBACKS", key) for key in env.secret_items("SECRET_KEY_FALLBACKS")
]
ALLOWED_HOSTS = values.hosts("ALLOWED_HOSTS", env.items("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"))
CSRF_TRUSTED_ORIGINS = values.origins("CSRF_TRUSTED_ORIGINS", env.items("CSRF_TRUSTED_ORIGINS"), wildcards=True)
CORS_ALLOWED_ORIGINS = values.origins("CORS_ALLOWED_ORIGINS", env.items("CORS_ALLOWED_ORIGINS"))
CORS_ALLOW_HEADERS = [*default_headers, "if-match", "if-none-match", "prefer", "x-request-id"]
CORS_EXPOSE_HEADERS = ["ETag", "Preference-Applied", "Retry-After", "X-Request-ID"]

INSTALLED_APPS = [
    "todo_project",
    "tasks",
    "realtime",
    "tasks.core.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "corsheaders",
    "csp",
    "django_filters",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
]

MIDDLEWARE = [
    "realtime.attribution.AttributionMiddleware",
    "todo_project.metrics.HttpMetricsMiddleware",
    "todo_project.refusals.ProblemsMiddleware",
    "todo_project.probes.ProbesMiddleware",
    "todo_project.outages.RepeatReadsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "todo_project.static_files.StaticFilesMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "realtime.auth.sessions.PrintableCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "realtime.auth.sessions.SessionUserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "tasks.core.middleware.UnavailableMiddleware",
]

ROOT_URLCONF = "todo_project.urls"
ASGI_APPLICATION = "todo_project.asgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Data

DATABASES = {
    "default": database(
        env.secret("DATABASE_URL", f"sqlite:///{quote(str(BASE_DIR / 'db.sqlite3'))}"),
        pool_size=env.integer("DATABASE_POOL_SIZE", 20, at_least=5, at_most=1000),
    )
}

CACHE_SESSIONS = env.flag("CACHE_SESSIONS", False)
CACHES = caches(
    env.secret("CACHE_URL"),
    sessions=CACHE_SESSIONS,
    username=env.secret("REDIS_USERNAME"),
    password=env.secret("REDIS_PASSWORD"),
    ssl_ca_certs=env.text("REDIS_CA_FILE"),
    ssl_certfile=env.text("REDIS_CERT_FILE"),
    ssl_keyfile=env.text("REDIS_KEY_FILE"),
)
if CACHE_SESSIONS:
    SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    SESSION_CACHE_ALIAS = "sessions"

# People

AUTH_USER_MODEL = "tasks.User"
PASSWORD_HASHERS = ["tasks.accounts.hashers.BoundedArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

HTTPS = env.flag("HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# What people see

LANGUAGE_CODE = "en"
TIME_ZONE = values.time_zone("TIME_ZONE", env.text("TIME_ZONE", "UTC"))
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = values.static_root("STATIC_ROOT", env.text("STATIC_ROOT", "staticfiles"), base=BASE_DIR)
# Without `collectstatic` the files are served from where they lie, by their own names: slow for many clients.
_collected = values.is_collected(STATIC_ROOT)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "todo_project.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not _collected
WHITENOISE_MAX_AGE = 60 if _collected else 0

# The todo list

EVERYONE_LIST = env.flag("EVERYONE_LIST", True)
HISTORY_DAYS = env.days("HISTORY_DAYS", 365.0)
TRASH_DAYS = env.days("TRASH_DAYS", 30.0)

# Whether browsers keep the page and its person's last state, to open it without a connection.
KEEP_ON_DEVICE = env.flag("KEEP_ON_DEVICE", True)

# Whether the servers send reminders by themselves; `manage.py send_reminders` does so in any case.
SEND_REMINDERS = env.flag("SEND_REMINDERS", True)

# A request's body waits in memory up to this size, then in a temporary file: many can come at once.
FILE_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
# What is read of any.
DATA_UPLOAD_MAX_MEMORY_SIZE = bodies.BULK.bytes

# Mail: none is sent without a server for it

EMAIL_HOST = values.mail_host("EMAIL_HOST", env.text("EMAIL_HOST"))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"
EMAIL_PORT = env.integer("EMAIL_PORT", 587, at_least=1, at_most=65_535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD")
_mail_security = env.choice("EMAIL_SECURITY", "starttls", ("starttls", "tls", "none"))
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail_security == "starttls", _mail_security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = values.mail_address("DEFAULT_FROM_EMAIL", env.text("DEFAULT_FROM_EMAIL", "todo@localhost"))
PUBLIC_URL = values.public_url("PUBLIC_URL", env.text("PUBLIC_URL"))

# REST

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tasks.accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tasks.core.api.parsers.BoundedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "tasks.core.api.negotiation.Negotiation",
    "URL_FORMAT_OVERRIDE": None,
    # X-Forwarded-For is what the client says; the server in front is believed by `serve`, or not at all.
    "NUM_PROXIES": 0,
    "EXCEPTION_HANDLER": "tasks.core.api.problems.exception_handler",
}
REFRESH_GRACE_SECONDS = env.integer("REFRESH_GRACE_SECONDS", 60, at_most=3600)
SIMPLE_JWT = {
    "AUTH_TOKEN_CLASSES": ("tasks.accounts.token_keys.AccessToken",),
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.integer("ACCESS_TOKEN_MINUTES", 15, at_least=1, at_most=525_600)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.integer("REFRESH_TOKEN_DAYS", 30, at_least=1, at_most=3650)),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,
    "LEEWAY": timedelta(seconds=10),  # between the clocks of replicas
}

# Real time

CHANNEL_LAYERS = channel_layers(
    env.secret("REDIS_URL"),
    username=env.secret("REDIS_USERNAME"),
    password=env.secret("REDIS_PASSWORD"),
    ca_file=env.text("REDIS_CA_FILE"),
    cert_file=env.text("REDIS_CERT_FILE"),
    key_file=env.text("REDIS_KEY_FILE"),
    sentinels=env.text("REDIS_SENTINELS"),
    sentinel_master=env.text("REDIS_SENTINEL_MASTER", "mymaster"),
    sentinel_password=env.secret("REDIS_SENTINEL_PASSWORD"),
    cluster=env.flag("REDIS_CLUSTER", False),
    keys=env.secret("REDIS_ENCRYPTION_KEYS"),
    max_connections=env.integer("REDIS_MAX_CONNECTIONS", 10, at_least=2),
    connect_timeout=env.seconds("REDIS_CONNECT_TIMEOUT", 2.0, at_least=0.05),
    socket_timeout=env.seconds("REDIS_SOCKET_TIMEOUT", 2.0, at_least=0.05),
)
REALTIME = {
    "STREAMS_OF": "tasks.lists.access.streams_of_people",
    "OWN_STREAM": "tasks.core.streams.user_stream",
    "IDENTITIES_OF": "tasks.accounts.tokens.identities_of",
    "PINNED_STREAMS": ["all"],
    "MAX_CONNECTIONS_PER_USER": env.integer("WS_MAX_CONNECTIONS_PER_USER", 100, at_least=1),
    "SEND_BUFFER_BYTES": env.integer("WS_SEND_BUFFER_BYTES", 1024 * 1024, at_least=65_536),
    "EVENT_DAYS": env.days("EVENT_DAYS", 7.0),
    "MAX_BODY_BYTES": bodies.BULK.bytes,
    "IO_URING": env.flag("WS_IO_URING", True),
}

# Metrics

METRICS_TOKEN = env.secret("METRICS_TOKEN")
if METRICS_TOKEN:
    values.metrics_token("METRICS_TOKEN", METRICS_TOKEN)
METRICS_ALLOWED_ADDRESSES = values.networks(
    "METRICS_ALLOWED_ADDRESSES", env.items("METRICS_ALLOWED_ADDRESSES", "127.0.0.0/8,::1")
)

# Errors and traces that go elsewhere

SENTRY_DSN = env.secret("SENTRY_DSN")
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT")
OTLP_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT")
OTEL_SERVICE_NAME = env.text("OTEL_SERVICE_NAME", "todo")
telemetry.check(sentry_dsn=SENTRY_DSN, otlp_endpoint=OTLP_ENDPOINT)

# Logs

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(
    format=env.choice("LOG_FORMAT", "text", ("text", "json")), level=env.choice("LOG_LEVEL", "INFO", LEVELS)
)
