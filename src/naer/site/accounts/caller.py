"""The network address that a request came from."""

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """Who calls; behind `NAER_PROXIES` servers, whom the outermost of them says calls.

    Each server in front adds the address it was called from at the end of X-Forwarded-For. What stands
    further left is the caller's own word, and is not asked.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.PROXIES:
        return direct
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return told[-settings.PROXIES] if len(told) >= settings.PROXIES else direct
