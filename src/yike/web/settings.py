"""Settings of the platform. What differs between installations comes from the environment; docs/guide/operator.md lists it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import SELF
from django.utils.translation import gettext_lazy as _

from yike.web.accounts.limits import limit
from yike.web.home import home, secret

WEB = Path(__file__).parent
HOME = home()

DEBUG = False
SECRET_KEY = secret("secret_key")
ALLOWED_HOSTS = os.environ.get("YIKE_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [each for each in os.environ.get("YIKE_ORIGINS", "").split(",") if each]
ON_TLS = os.environ.get("YIKE_TLS", "") == "1"  # behind a proxy that speaks HTTPS

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "yike.web.areas",
    "yike.web.accounts",
    "yike.web.journal",
    "yike.web.queue",
    "yike.web.circles",
    "yike.web.outlets",
    "yike.web.spaces",
    "yike.web.needs",
    "yike.web.studies",
    "yike.web.seeing",
    "yike.web.circling",
    "yike.web.scenarios",
    "yike.web.proposals",
    "yike.web.projects",
    "yike.web.documents",
    "yike.web.map",
    "yike.web.open",
    # after our own apps, so that our templates come before theirs
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "yike.web.map.lane.TileLane",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "yike.web.open.limits.RateLimit",
    "yike.web.map.lane.PublicLane",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "yike.web.accounts.guard.Guard",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "yike.web.urls"
WSGI_APPLICATION = "yike.web.wsgi.application"
AUTH_USER_MODEL = "accounts.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yike.web.context.page",
            ],
        },
    }
]


def database(url: str) -> dict[str, object]:
    """Return Django's settings of a database: SQLite in ``YIKE_HOME``, or ``postgres://user:word@host/name``."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "yike.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database(os.environ.get("YIKE_DATABASE", ""))}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
LOCALE_PATHS = [WEB / "locale"]
TIME_ZONE = os.environ.get("YIKE_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = WEB / "built"
BUILT = WEB / "built" / "assets"  # what Vite makes of frontend/
WHITENOISE_IMMUTABLE_FILE_TEST = r"-[\w-]{8}\.(js|mjs|css)$"  # as Vite names its files
STATICFILES_DIRS = [BUILT] if BUILT.is_dir() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
MEDIA_ROOT = HOME / "media"
MEDIA_URL = "media/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 40 * 2**20

# --- security ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
SECURE_SSL_REDIRECT = ON_TLS
SESSION_COOKIE_SECURE = ON_TLS
CSRF_COOKIE_SECURE = ON_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if ON_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ON_TLS
SECURE_HSTS_PRELOAD = ON_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ON_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- people ---
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "yike.web.accounts.passwords.LongEnough"},
    {"NAME": "yike.web.accounts.passwords.KindsEnough"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "yike.web.accounts.passwords.NotUsedBefore"},
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "/accounts/login/"
SESSION_COOKIE_AGE = max(limit("staff_hours"), limit("phone_hours")) * 3600  # the real limits: accounts/sittings.py
PROXIES = int(os.environ.get("YIKE_PROXIES", "0"))  # how many of our own proxies stand before us
SMS_SENDER = os.environ.get("YIKE_SMS") or "yike.web.accounts.sms.to_console"

ACCOUNT_ADAPTER = "yike.web.accounts.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "yike.web.accounts.forms.StaffLogin",
    "change_password": "yike.web.accounts.forms.NewPassword",
    "reauthenticate": "yike.web.accounts.forms.PasswordAgain",
}
ACCOUNT_RATE_LIMITS = {"login_failed": None}  # axes counts them in the database, for all processes together
MFA_ADAPTER = "yike.web.accounts.factors.Factors"
MFA_FORMS = {
    "authenticate": "yike.web.accounts.forms.Factor",
    "reauthenticate": "yike.web.accounts.forms.FactorAgain",
    "activate_totp": "yike.web.accounts.forms.NewFactor",
}
MFA_TOTP_ISSUER = "一刻 yike"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s that a phone's clock may be off
SOCIALACCOUNT_ADAPTER = "yike.web.accounts.adapters.Outside"

LOCKOUT_MINUTES = limit("lockout_minutes")
AXES_FAILURE_LIMIT = limit("lockout_tries")
AXES_COOLOFF_TIME = timedelta(minutes=LOCKOUT_MINUTES)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "yike.web.accounts.addresses.address_of"
AXES_LOCKOUT_CALLABLE = "yike.web.accounts.views.locked"
AXES_SENSITIVE_PARAMETERS = ["username", "login", "code", "csrfmiddlewaretoken", "ip_address"]
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # logins of staff are in the journal; addresses of residents are not kept
AXES_VERBOSE = False

# --- the office's own identity provider (OIDC), off unless named ---
OIDC_NAME = os.environ.get("YIKE_OIDC_NAME", "")
SOCIALACCOUNT_PROVIDERS: dict[str, object] = {}
if OIDC_NAME:
    OIDC_ISSUER = os.environ["YIKE_OIDC_ISSUER"]
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": os.environ["YIKE_OIDC_CLIENT"],
                "secret": os.environ["YIKE_OIDC_SECRET"],
                "settings": {"server_url": OIDC_ISSUER},
            }
        ],
        "OAUTH_PKCE_ENABLED": True,
    }
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append("{0.scheme}://{0.netloc}".format(urlsplit(OIDC_ISSUER)))

# --- another base map, licensed by the office itself (天地图 and the like); ours, from the city's own streets, else ---
BASEMAP = os.environ.get("YIKE_BASEMAP", "")  # address of raster tiles with {z}, {x}, {y}
BASEMAP_ATTRIBUTION = os.environ.get("YIKE_BASEMAP_ATTRIBUTION", "")
if BASEMAP:
    BASEMAP_ORIGIN = "{0.scheme}://{0.netloc}".format(urlsplit(BASEMAP))
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(BASEMAP_ORIGIN)
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] = [SELF, BASEMAP_ORIGIN]

# --- long jobs ---
QUEUE_LEASE = float(os.environ.get("YIKE_QUEUE_LEASE") or 0)  # seconds; 0: as queue/limits.csv says

# --- what is told to whoever runs the server ---
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
