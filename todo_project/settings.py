"""Every setting, read from the environment and from `.env` beside manage.py. `.env.example` lists the variables."""

import re
import secrets
import warnings
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import environ
from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from realtime.broker.layer import channel_layers
from todo_project import telemetry
from todo_project.cache import caches
from todo_project.log import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))


def read(name: str, default: Any, parse: Callable[..., Any] = env.str, wanted: str = "") -> Any:
    """The variable's value; a bad one stops the start with its name and what was wanted."""
    try:
        return parse(name, default=default)
    except (ValueError, environ.ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name}={env.str(name)!r} can't be used: {wanted or error}.") from error


def number(name: str, default: float, *, at_least: float = 0, at_most: float = 2**31 - 1) -> Any:
    value = read(name, default, env.int if isinstance(default, int) else env.float, "it must be a number")
    if not at_least <= value <= at_most:
        raise ImproperlyConfigured(f"{name}={value} can't be used: it must be from {at_least} to {at_most}.")
    return value


def flag(name: str, default: bool) -> bool:
    text = env.str(name, default=str(default)).strip().lower()
    if text not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name}={text!r} can't be used: it must be true or false.")
    return text in {"true", "1", "yes", "on"}


def database() -> dict[str, Any]:
    """What DATABASE_URL stands for. An error does not show the value, which holds a password."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # django-environ warns of an engine that it does not know, with the password
        try:
            config: dict[str, Any] = env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
        except ValueError:
            config = {}
    if config.get("ENGINE", "").rpartition(".")[2] not in ("sqlite3", "postgresql") or not config["NAME"]:
        raise ImproperlyConfigured(
            "DATABASE_URL can't be used: it must be of the form sqlite:////data/db.sqlite3 or "
            "postgres://user:password@host:5432/name; in a password @ : / ? # are written %40 %3A %2F %3F %23."
        )
    return config


def time_zone(name: str, default: str) -> str:
    value: str = env.str(name, default=default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ImproperlyConfigured(f"{name}={value!r} can't be used: it must be a zone like Europe/Berlin.") from None
    return value


def networks(name: str, value: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(part.strip()) for part in value.split(",") if part.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r} can't be used: {error}.") from None


# The basis

DEBUG = flag("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", default=secrets.token_urlsafe(50) if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is missing. Put a long random value into the environment or into .env: "
        """python3 -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50))' >> .env"""
    )
# What they have signed still counts; nothing is signed with them.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_HEADERS = [*default_headers, "if-match", "if-none-match", "x-request-id"]
CORS_EXPOSE_HEADERS = ["ETag", "Retry-After", "X-Request-ID"]

INSTALLED_APPS = [
    "tasks",
    "realtime",
    "django.contrib.admin",
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
    "todo_project.probes.ProbesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "realtime.auth.sessions.SessionUserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
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

DATABASES = {"default": database()}
_database = DATABASES["default"]
_options = _database.setdefault("OPTIONS", {})
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _options |= {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}
elif _database["ENGINE"] == "django.db.backends.postgresql":
    _options["pool"] = {"min_size": 1, "max_size": number("DATABASE_POOL_SIZE", 20, at_least=5), "timeout": 10}

CACHE_SESSIONS = flag("CACHE_SESSIONS", False)
CACHES = caches(
    read("CACHE_URL", ""),
    sessions=CACHE_SESSIONS,
    username=read("REDIS_USERNAME", ""),
    password=read("REDIS_PASSWORD", ""),
    ssl_ca_certs=read("REDIS_CA_FILE", ""),
    ssl_certfile=read("REDIS_CERT_FILE", ""),
    ssl_keyfile=read("REDIS_KEY_FILE", ""),
)
if CACHE_SESSIONS:
    SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    SESSION_CACHE_ALIAS = "sessions"

# People

AUTH_USER_MODEL = "tasks.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

HTTPS = flag("HTTPS", False)
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
TIME_ZONE = time_zone("TIME_ZONE", "UTC")
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Without `collectstatic` the files are served from where they lie, by their own names: slow for a crowd.
_collected = STATIC_ROOT.is_dir()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "todo_project.storage.StaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not _collected
WHITENOISE_MAX_AGE = 60 if _collected else 0

# The todo list

EVERYONE_LIST = flag("EVERYONE_LIST", True)

# REST

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tasks.accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tasks.core.api.parsers.BoundedJSONParser"],
    "URL_FORMAT_OVERRIDE": None,
    # X-Forwarded-For is what the client says; the server in front is believed by `serve`, or not at all.
    "NUM_PROXIES": 0,
    "EXCEPTION_HANDLER": "tasks.core.api.problems.exception_handler",
}
REFRESH_GRACE_SECONDS = number("REFRESH_GRACE_SECONDS", 60)
SIMPLE_JWT = {
    "AUTH_TOKEN_CLASSES": ("tasks.accounts.token_keys.AccessToken",),
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=number("ACCESS_TOKEN_MINUTES", 15, at_least=1, at_most=525_600)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=number("REFRESH_TOKEN_DAYS", 30, at_least=1, at_most=3650)),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,
}

# Real time

CHANNEL_LAYERS = channel_layers(
    read("REDIS_URL", ""),
    username=read("REDIS_USERNAME", ""),
    password=read("REDIS_PASSWORD", ""),
    ca_file=read("REDIS_CA_FILE", ""),
    cert_file=read("REDIS_CERT_FILE", ""),
    key_file=read("REDIS_KEY_FILE", ""),
    sentinels=read("REDIS_SENTINELS", ""),
    sentinel_master=read("REDIS_SENTINEL_MASTER", "mymaster"),
    sentinel_password=read("REDIS_SENTINEL_PASSWORD", ""),
    cluster=flag("REDIS_CLUSTER", False),
    keys=read("REDIS_ENCRYPTION_KEYS", ""),
    max_connections=number("REDIS_MAX_CONNECTIONS", 10, at_least=2),
    connect_timeout=number("REDIS_CONNECT_TIMEOUT", 2.0, at_least=0.05),
    socket_timeout=number("REDIS_SOCKET_TIMEOUT", 2.0, at_least=0.05),
)
REALTIME = {
    "STREAMS_OF": "tasks.lists.access.streams_of_people",
    "OWN_STREAM": "tasks.core.streams.user_stream",
    "IDENTITIES_OF": "tasks.accounts.tokens.identities_of",
    "PINNED_STREAMS": ["all"],
    "MAX_CONNECTIONS_PER_USER": number("WS_MAX_CONNECTIONS_PER_USER", 100, at_least=1),
    "SEND_BUFFER_BYTES": number("WS_SEND_BUFFER_BYTES", 1024 * 1024, at_least=65_536),
    "IO_URING": flag("WS_IO_URING", True),
}

# Metrics

METRICS_TOKEN = read("METRICS_TOKEN", "")
if METRICS_TOKEN and not re.fullmatch(r"[!-~]{16,}", METRICS_TOKEN):
    raise ImproperlyConfigured("METRICS_TOKEN can't be used: it must have 16 characters or more, ASCII without spaces.")
METRICS_ALLOWED_ADDRESSES = networks("METRICS_ALLOWED_ADDRESSES", read("METRICS_ALLOWED_ADDRESSES", "127.0.0.0/8,::1"))

# Errors and traces that go elsewhere

SENTRY_DSN = read("SENTRY_DSN", "")
OTLP_ENDPOINT = read("OTEL_EXPORTER_OTLP_ENDPOINT", "")
telemetry.check(sentry_dsn=SENTRY_DSN, otlp_endpoint=OTLP_ENDPOINT)

# Logs

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(format=read("LOG_FORMAT", "text"), level=read("LOG_LEVEL", "INFO").upper())
