"""The site's settings for tests: mode `test`, whatever the caller's environment says."""

import os
from pathlib import Path

os.environ["NAER_MODE"] = "test"
os.environ.setdefault("NAER_DATABASE", "sqlite:///:memory:")
os.environ.setdefault("NAER_SECRET_KEY", "tests only, signs nothing that lasts and is no secret")
os.environ.setdefault("NAER_NUMBER_KEY", "tests only, seals synthetic person numbers only, is no secret")
# Commands that tests start as processes of their own run outside the repository, on the real settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "naer.site.settings"

from naer.site.settings import *  # noqa: F403

LOG_STORE = Path(os.devnull) / "no store"
