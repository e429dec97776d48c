"""What every page needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """The mode (for the strip that says what kind of data this is) and the languages to choose from."""
    return {"mode": settings.MODE, "languages": settings.LANGUAGES, "path": request.path}
