"""Every setting of the site, read from the environment at the edges. Nothing else reads the environment."""

import os
import re
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import embedded

BASE_DIR = Path(__file__).resolve().parent.parent

# ── Where data lies ──────────────────────────────────────────────────────────────────────────────
VAR_DIR = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").absolute()
FILES_DIR = Path(os.environ.get("STORAGE_URL", "").removeprefix("file://") or VAR_DIR / "files")


def _keys():
    """The environment, completed by `VAR_DIR/keys.env`, which `make run` writes once with random keys."""
    found = {}
    file = VAR_DIR / "keys.env"
    if file.exists():
        for line in file.read_text().splitlines():
            name, sep, value = line.partition("=")
            if sep and not name.startswith("#"):
                found[name.strip()] = value.strip()
    return {**found, **{k: v for k, v in os.environ.items() if v}}


_env = _keys()


def env(name, default=""):
    return _env.get(name, default)


def flag(name):
    return env(name).lower() in ("1", "true", "yes", "on")


DEBUG = flag("DEBUG")

# ── Keys: three of them, none equal to another, none with a default outside DEBUG ────────────────
SECRET_KEY = env("SECRET_KEY") or ("debug-only-key-" * 4 if DEBUG else "")
FIELD_KEYS = [k for k in env("FIELD_KEYS").split(",") if k]
INDEX_KEY = env("INDEX_KEY")  # a new one before the old, by comma, while `rotate_keys --index` runs
REVEALS_A_DAY = int(env("REVEALS_A_DAY", "200"))  # how often one person opens masked data before somebody asks why
if len(SECRET_KEY) < 40 or (not DEBUG and SECRET_KEY.startswith("debug-only-key-")):
    raise ImproperlyConfigured(
        f"没有密钥：请设 SECRET_KEY（至少 40 个字符），或把 keys.env 放进 {VAR_DIR}（make run 会自动生成）。"
        f" / No keys: set SECRET_KEY (40 characters or more) or put keys.env into {VAR_DIR}."
    )

ALLOWED_HOSTS = [h for h in env("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
HTTPS = flag("HTTPS")  # behind TLS: secure cookies with the __Host- prefix, HSTS, redirect
if HTTPS:
    CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ALLOWED_HOSTS if h != "*"]

# ── Rooms: a later one may import an earlier one, never the other way round ──────────────────────
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.admin",
    "mptt",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "periods",
    "accounts",
    "jobs",
    "surfaces",
    "exchange",
    "stations",
    "workforce",
    "casework",
    "partnerships",
    "metrics",
    "desk",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "surfaces.middleware.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.IdleSessions",
    "accounts.middleware.ChosenLanguage",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "surfaces.middleware.Problems",
    "casework.glass.Recorded",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "surfaces.frame.frame",
                "desk.frame.bell",
            ],
        },
    }
]

# ── PostgreSQL and the broker: named by URL, else the embedded ones below VAR_DIR ────────────────
_embedded_database, _embedded_broker = embedded.urls(VAR_DIR)
DATABASE_URL = env("DATABASE_URL") or _embedded_database
REDIS_URL = env("REDIS_URL") or _embedded_broker


def _database(url):
    """Django's dictionary of a `postgresql://user:password@host:port/name?host=/socket/folder` URL."""
    parts = urlsplit(url)
    query = {k: v[0] for k, v in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": parts.port or query.pop("port", ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **query,
            # Disks without a moving head, short statements: with PostgreSQL's own numbers 140 index look-ups look dearer to its
            # planner than reading a table of 600,000 rows, and compiling such a plan takes longer than running a good one.
            "options": "-c statement_timeout="
            + env("STATEMENT_TIMEOUT", "15s")
            + " -c lock_timeout=10s -c random_page_cost=1.1 -c jit=off",
        },
    }


DATABASES = {"default": _database(DATABASE_URL)}
if flag("DB_POOL"):  # web processes: a request does not open a connection of its own
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _redis(number):
    """The same broker under two names: Celery's and the redis client's."""
    if REDIS_URL.startswith(("unix://", "redis+socket://")):
        path = REDIS_URL.split("://", 1)[1].split("?")[0]
        return f"redis+socket://{path}?virtual_host={number}", f"unix://{path}?db={number}"
    url = re.sub(r"/\d*$", "", REDIS_URL)
    return f"{url}/{number}", f"{url}/{number}"


CACHES = {"default": {"BACKEND": "surfaces.cache.FailOverCache", "LOCATION": _redis(1)[1], "TIMEOUT": 300}}

# ── Work in the background: the Job row is the truth, Celery only a nudge ────────────────────────
CELERY_BROKER_URL = _redis(0)[0]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
# A stopped broker still accepts connections: without a time limit of our own a worker would wait for its answer for ever.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 10, "visibility_timeout": 300}
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "jobs.tasks.sweep", "schedule": 15.0},
    "beat-alive": {"task": "jobs.tasks.heartbeat", "schedule": 10.0},
    "seal": {"task": "accounts.tasks.seal", "schedule": 10.0},
    "refresh": {"task": "metrics.tasks.refresh", "schedule": 20.0},
    "forget-prints": {"task": "casework.tasks.forget", "schedule": 900.0},
    "clear-drafts": {"task": "surfaces.tasks.clear_drafts", "schedule": crontab(hour=2, minute=15)},
    "nightly": {"task": "metrics.tasks.nightly", "schedule": crontab(hour=2, minute=30)},
}

# ── Who signs in, and how ────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.NameOrMobile",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_RATE_LIMITS = {"login_failed": False, "login": "120/m/ip"}  # lockout is django-axes's, on the database
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
USERSESSIONS_TRACK_ACTIVITY = False  # accounts.middleware.IdleSessions notes it once in a while, not on every page
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_USERNAME_CALLABLE = "accounts.backends.account_meant"
AXES_VERBOSE = False

# ── Cookies, headers, CSP ────────────────────────────────────────────────────────────────────────
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-sid" if HTTPS else "sid"
SESSION_COOKIE_AGE = 12 * 3600  # absolute; idle time-out below
SESSION_IDLE_SECONDS = 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_FAILURE_VIEW = "surfaces.errors.csrf_failure"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = env("UPLOAD_TEMP_DIR") or None
UPLOAD_MAX_BYTES = 20_000_000

# ── API ──────────────────────────────────────────────────────────────────────────────────────────
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.keys.KeyAuthentication", "accounts.keys.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": [
        "surfaces.renderers.JSON",
        "surfaces.renderers.CSV",
        "surfaces.renderers.Workbook",
    ],
    "DEFAULT_PARSER_CLASSES": ["surfaces.parsers.StrictJSON"],
    "DEFAULT_PAGINATION_CLASS": "surfaces.paging.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "surfaces.schema.Schema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "surfaces.renderers.Negotiation",
    "DEFAULT_THROTTLE_CLASSES": ["surfaces.throttling.PerMinute"],
    "EXCEPTION_HANDLER": "surfaces.problems.handler",
    "URL_FORMAT_OVERRIDE": "format",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "PAGE_SIZE": 100,
}
API_REQUESTS_A_MINUTE, API_EXPORTS_A_MINUTE = 600, 60
SPECTACULAR_SETTINGS = {
    "TITLE": "shegong API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "TrainingModeEnum": ["onsite", "online", "mixed"],
        "TrainingStateEnum": ["planned", "held", "confirmed", "cancelled"],
        "PairingEntryStateEnum": ["entered", "confirmed", "returned"],
        "SupportKindEnum": ["supervision", "training", "tutoring", "tracking"],
        "PairingOutcomeEnum": ["station", "agency", "certificate", "apprenticeship"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "surfaces.schema.document_problems",
    ],
}

# ── Tongue, time, files ──────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
_manifest = not DEBUG and (
    (STATIC_ROOT / "staticfiles.json").exists() or bool({"collectstatic", "set_up"} & set(sys.argv))
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": FILES_DIR}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _manifest
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _manifest
WHITENOISE_AUTOREFRESH = False

# ── Logs: no personal data is ever handed to a logger ────────────────────────────────────────────
DEFAULT_EXCEPTION_REPORTER = "surfaces.reports.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "surfaces.reports.Silent"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "surfaces.logs.Lines", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "surfaces.logs.JSONLines"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json" if env("LOG_FORMAT") == "json" else "plain"}
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "WARNING")},
    "loggers": {"shegong": {"level": "INFO"}},
}

IMPORT_EXPORT_SKIP_ADMIN_LOG = True
SILENCED_SYSTEM_CHECKS = (
    # Plain http is for a try-out on one machine; with HTTPS=1 none of these is silenced.
    [] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016", "security.W021"]
)
