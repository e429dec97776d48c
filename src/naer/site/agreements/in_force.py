"""The agreements in force in this installation."""

from functools import cache
from pathlib import Path

from django.conf import settings

from naer.agreement import Portfolio, library, load_all


@cache
def agreements() -> Portfolio:
    """Those in the folders of NAER_AGREEMENTS with what they extend, else what Naer ships for NAER_COUNTRY.

    Raises:
        AgreementError: when one cannot be put in force (S8), or cannot be read.
    """
    folders = [Path(folder) for folder in settings.AGREEMENTS]
    return load_all(folders, in_force=True) if folders else library(settings.COUNTRY)
