"""Django settings, made from `options.read()`. Nothing here is meant to be edited for one installation."""

from pathlib import Path
from typing import Any

import dj_database_url
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from csp.constants import NONCE, SELF
from django.utils.translation import gettext_lazy as _

from tungnha.config import options, sqlite

sqlite.use_newer()
OPTIONS = options.read()

SECRET_KEY = HKDF(SHA256(), 32, None, b"django").derive(OPTIONS.master_key).hex()
TUNGNHA_MASTER_KEY = OPTIONS.master_key
TUNGNHA_DATA = OPTIONS.data
TUNGNHA_PUBLIC_URL = OPTIONS.public_url.rstrip("/")
TUNGNHA_HOTLINE = OPTIONS.hotline
TUNGNHA_ENGINE = OPTIONS.engine
TUNGNHA_OSM = OPTIONS.osm
TUNGNHA_PROXIES = OPTIONS.proxies
TUNGNHA_SECOND_FACTOR = OPTIONS.second_factor
TUNGNHA_AUDIT_DAYS = OPTIONS.audit_days
TUNGNHA_OIDC = {
    "issuer": OPTIONS.oidc_issuer.rstrip("/"),
    "client_id": OPTIONS.oidc_client_id,
    "client_secret": OPTIONS.oidc_client_secret,
    "label": OPTIONS.oidc_label,
    "preset": OPTIONS.oidc_preset,
    "scope": OPTIONS.oidc_scope,
}
DEBUG = OPTIONS.debug
ALLOWED_HOSTS = list(OPTIONS.hosts)
ROOT_URLCONF = "tungnha.config.urls"
WSGI_APPLICATION = "tungnha.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "tungnha.territory",
    "tungnha.register",
    "tungnha.accounts",
    "tungnha.ledger",
    "tungnha.campaign",
    "tungnha.outreach",
    "tungnha.channels.letters",
    "tungnha.field",
    "tungnha.progress",
    "tungnha.public",
    "tungnha.office",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tungnha.ledger.sync.short.ShortWay",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tungnha.config.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tungnha.config.bodies.bounded",
    "tungnha.accounts.trail.Trail",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "tungnha.office.accounts.gate.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tungnha.office.accounts.gate.ways",
            ]
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": dict(dj_database_url.parse(OPTIONS.database_url, conn_max_age=60))
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL with IMMEDIATE write transactions is the only setting under which concurrent writers never fail
    # (docs/performance.md); a transaction must therefore be short and surround writes only. FULL, because NORMAL
    # loses what was acknowledged when the power goes; recursive triggers, so that no REPLACE deletes an entry unseen.
    # Checkpoints every 16 MB: each waits for the disk twice, and everybody who writes waits for it.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        " PRAGMA recursive_triggers=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=4096;",
    }
else:
    # `ledger/bulk.py` asks the same few things with each batch; the ORM's statements are never prepared.
    DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 3

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_CLIENT_IP_CALLABLE = "tungnha.accounts.whence.address_of"
AXES_LOCKOUT_CALLABLE = "tungnha.office.accounts.sign_in.locked_out"

SESSION_ENGINE = "tungnha.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = OPTIONS.secure_cookies
if (
    OPTIONS.proxies
):  # only then did one of ours write the header; without it, addresses we give out would say http
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],  # MapLibre positions its elements with style attributes
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF],
        "connect-src": [SELF],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024**2
LARGEST_REQUEST = 101 * 1024**2
FILE_UPLOAD_MAX_MEMORY_SIZE = LARGEST_REQUEST  # a list holds personal numbers: none touches the disk in clear

LANGUAGE_CODE = OPTIONS.language
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [str(Path(__file__).parents[1] / "locale")]
TIME_ZONE = OPTIONS.time_zone
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = "tungnha.config.formats"

STATIC_URL = "static/"
STATIC_ROOT = OPTIONS.data / "static"
STATICFILES_DIRS = [("vendor", Path(__file__).parents[1] / "vendor")]
# `tungnha serve` gathers the files there, compressed; without it (tests, another server) they come uncompressed.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "field").is_dir()
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": OPTIONS.data / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": OPTIONS.log_level},
    # Libraries that tell every step at INFO.
    "loggers": {name: {"level": "WARNING"} for name in ("axes", "fido2", "fontTools", "pikepdf")},
}
