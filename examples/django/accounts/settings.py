"""What the project needs, and nothing else."""

import os
from pathlib import Path

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "only-for-this-example")
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "accounts.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "accounts"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DJANGO_DATABASE", str(Path(__file__).parent.parent / "accounts.sqlite3")),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

# SIGNALBOX_HOST_URL and SIGNALBOX_HOST_TOKEN are read by the package itself.

# With which the questions are signed that come to /signalbox/resolve/: what `set_resolver` printed.
SIGNALBOX_RESOLVE_SECRET = os.environ.get("SIGNALBOX_RESOLVE_SECRET", "")
