"""Where somebody goes who has just signed in, and in which language."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from naer.site import clock
from naer.site.accounts import sessions
from naer.site.accounts.models import User


def welcome(request: HttpRequest, user: User, how: str, wanted: str) -> HttpResponse:
    """Sign `user` in, and on to the page they wanted; `how` is password, demo or a provider's name."""
    sessions.begin(request, user, how, clock.real())
    response = redirect(wanted or reverse("today"))
    if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        remember(response, user.language)
    return response


def safe_next(request: HttpRequest, default: str) -> str:
    """Where to go afterwards, if it is on this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return default


def remember(response: HttpResponse, code: str) -> None:
    """Keep the choice of language in the browser."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
