"""Settings of the site. Everything an installation may change is an environment variable.

| variable | meaning | default |
|---|---|---|
| NAER_MODE | demo, production or test | demo |
| NAER_DATABASE | database URL | sqlite:///var/naer.sqlite3 |
| NAER_SECRET_KEY | signs sessions | made and kept beside the SQLite file; required in production |
| NAER_NUMBER_KEY | encrypts person numbers | the same |
| NAER_HOSTS | host names the site answers to, comma between | loopback names |
| NAER_ORIGINS | origins forms may come from, e.g. https://naer.example.dk | none |
| NAER_INTAKE_TOKEN | bearer token that POST /messages/ asks for | closed; open to loopback in demo mode |
| NAER_CHECK_RECEIVER | refuse messages to organisations not in the register: on or off | on in production |
| NAER_CONNECTIONS | TOML file of connections to partners: which way messages leave | none |
| NAER_PLO_SCHEMAS | folder with the national XSDs, to validate Norwegian messages by as well | none |
| NAER_HOOK_HOSTS | hosts that FHIR subscriptions may tell, comma between | none; loopback in demo mode |
| NAER_AGREEMENTS | folders of agreements in force, comma between; bases from the library | those shipped |
| NAER_COUNTRY | the country whose shipped agreements are in force without NAER_AGREEMENTS: DK or NO | DK |
| NAER_LOG_STORE | folder that the results are counted into | beside the SQLite file; else var/naer.store |
| NAER_STAY_SIGHT_DAYS | days that a hospital still sees a citizen after a stay there ended | 30 |
| NAER_EMERGENCY_HOURS | hours that a record opened in an emergency stays open | 4 |
| NAER_PROXIES | servers in front that add to X-Forwarded-For, so that lock-out sees who asks | 0 |
| NAER_IDENTITY | TOML files of identity providers (OpenID Connect), comma between | none |
| NAER_IDLE_MINUTES | somebody who does nothing for so long is signed out | 60 |
| NAER_SMTP_URL | mail server: smtp://user:password@host:port, ?tls=starttls, or smtps:// | no e-mail |
| NAER_MAIL_FROM | whom e-mails come from | naer@localhost |
| NAER_URL | the address people open Naer at, for e-mails, e.g. https://naer.example.dk | none |
| NAER_HTTPS | the site is reached by https: on or off | on in production |
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from naer import lazily
from naer.site.keys import key
from naer.site.logs import hide_numbers, hide_text

with lazily.without("rich", "better_exceptions"):  # for colours on a terminal; a sixth of each start
    import structlog

SITE = Path(__file__).resolve().parent


def _switch(name: str, default: bool) -> bool:
    """An environment variable that is on or off."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text not in {"on", "off", "1", "0", "true", "false"}:
        raise ImproperlyConfigured(f"{name} is {text!r}; write on or off")
    return text in {"on", "1", "true"}


def _whole(name: str, default: int) -> int:
    """An environment variable that is a whole number, 0 or more."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise ImproperlyConfigured(f"{name} is {text!r}; write a whole number, 0 to 999999")
    return int(text)


def _listed(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


MODE = os.environ.get("NAER_MODE", "demo")
if MODE not in {"demo", "production", "test"}:
    raise ImproperlyConfigured(f"NAER_MODE is {MODE!r}; write demo, production or test")
PRODUCTION = MODE == "production"
DEBUG = False

# Database. SQLite takes its write lock at the start of a transaction, so that two writers queue
# instead of failing half-way; FULL makes a commit survive a power cut, as WAL alone does not.
_database: dict[str, Any] = {}
with suppress(ValueError):
    _database |= dj_database_url.parse(os.environ.get("NAER_DATABASE") or "sqlite:///var/naer.sqlite3")
if _database.get("ENGINE") not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"}:
    raise ImproperlyConfigured(
        "NAER_DATABASE, or --database, is no database of Naer's; write sqlite:///var/naer.sqlite3 or "
        "postgresql://user@host/naer"
    )
_database["CONN_MAX_AGE"] = None
EMBEDDED = _database["ENGINE"] == "django.db.backends.sqlite3"
if EMBEDDED:
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; "
        "PRAGMA wal_autocheckpoint=8000",
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True
    # A page asks for little with many small subqueries: to compile them, or to plan them, takes longer than
    # to answer them. What `naer.site.bulk` says it says again and again: said twice, a statement is prepared,
    # and planned once. A plan for just the values at hand is no better (docs/reference/benchmarks.md).
    _plans = "-c jit=off -c plan_cache_mode=force_generic_plan"
    _database["OPTIONS"] = {"options": _plans, "prepare_threshold": 1, **_database.get("OPTIONS", {})}
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Keys
_folder: Path | None = Path("var").resolve()
_store = Path("var/naer.store")
if EMBEDDED:
    _file = str(_database["NAME"])
    _folder = None if not _file or ":memory:" in _file else Path(_file).resolve().parent
    _store = Path(_file).with_suffix(".store") if _folder else _store
if PRODUCTION:
    for _name in ("NAER_SECRET_KEY", "NAER_NUMBER_KEY"):
        if not os.environ.get(_name):
            raise ImproperlyConfigured(f"{_name} is not set; production needs a long random text in it")
SECRET_KEY = key("NAER_SECRET_KEY", _folder)
NUMBER_KEY = key("NAER_NUMBER_KEY", _folder)

# Results
LOG_STORE = Path(os.environ.get("NAER_LOG_STORE") or _store).resolve()

# Messages
INTAKE_TOKEN = os.environ.get("NAER_INTAKE_TOKEN", "")
CONNECTIONS = os.environ.get("NAER_CONNECTIONS", "").strip()
PLO_SCHEMAS = os.environ.get("NAER_PLO_SCHEMAS", "").strip()
if PLO_SCHEMAS and not Path(PLO_SCHEMAS).is_dir():
    raise ImproperlyConfigured("NAER_PLO_SCHEMAS names no folder")
HOOK_HOSTS = frozenset(
    host.lower()
    for host in _listed("NAER_HOOK_HOSTS") or ([] if PRODUCTION else ["localhost", "127.0.0.1", "::1"])
)
"""Where notices of subscriptions may go: a system cannot make Naer call anything else."""
AGREEMENTS = _listed("NAER_AGREEMENTS")
COUNTRY = os.environ.get("NAER_COUNTRY", "").strip() or "DK"
if COUNTRY not in {"DK", "NO"}:
    raise ImproperlyConfigured(f"NAER_COUNTRY is {COUNTRY!r}; write DK or NO")
CHECK_RECEIVER = _switch("NAER_CHECK_RECEIVER", PRODUCTION)
STAY_SIGHT_DAYS = _whole("NAER_STAY_SIGHT_DAYS", 30)
"""A hospital sees a citizen for so many days after a stay there has ended."""
EMERGENCY_HOURS = max(1, _whole("NAER_EMERGENCY_HOURS", 4))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 200

# E-mail
SMTP_URL = os.environ.get("NAER_SMTP_URL", "").strip()
MAIL_FROM = os.environ.get("NAER_MAIL_FROM", "").strip() or "naer@localhost"
URL = os.environ.get("NAER_URL", "").strip()

# Web
ALLOWED_HOSTS = _listed("NAER_HOSTS") or ["localhost", "127.0.0.1", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = _listed("NAER_ORIGINS")
HTTPS = _switch("NAER_HTTPS", PRODUCTION)
ROOT_URLCONF = "naer.site.urls"
WSGI_APPLICATION = "naer.site.wsgi.application"
INSTALLED_APPS = [
    "naer.site.accounts",
    "naer.site.access",
    "naer.site.pathways",
    "naer.site.messaging",
    "naer.site.agreements",
    "naer.site.governance",
    "naer.site.plans",
    "naer.site.discharge",
    "naer.site.deviations",
    "naer.site.entry",
    "naer.site.notifications",
    "naer.site.citizen",
    "naer.site.oversight",
    "naer.site.fhir",
    "naer.site.ui",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "naer.site.access.middleware.NoStore",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "naer.site.accounts.middleware.SessionLimits",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "naer.site.ui.context.page",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "naer.site.ui.templatetags.naer",
            ],
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS: list[str] = []
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600 if PRODUCTION else 0

# Security
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 3600
IDLE_MINUTES = _whole("NAER_IDLE_MINUTES", 60)
PROXIES = _whole("NAER_PROXIES", 0)
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "naer.site.ui.views.csrf_failure"
# Subdomains and browsers' preload lists are the owner of the domain's to decide, not ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# People
AUTH_USER_MODEL = "accounts.User"
IDENTITY = _listed("NAER_IDENTITY")
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if MODE == "test"
    else [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("da", "Dansk"), ("nb", "Norsk bokmål"), ("en", "English")]
LOCALE_PATHS = [SITE / "locale"]
LANGUAGE_COOKIE_NAME = "naer_language"
LANGUAGE_COOKIE_AGE = 365 * 86_400
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Copenhagen"

# Logs: to stderr, one JSON object a line; request paths hold keys only, and no body is logged.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "naer.site.logs.Formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING"},
        "django.request": {"level": "ERROR"},  # a refusal is an answer, not an event
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        hide_text,
        hide_numbers,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ],
    wrapper_class=structlog.make_filtering_bound_logger(20 if MODE != "test" else 40),
    logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    cache_logger_on_first_use=False,
)
