"""Signing in through a provider of identities: going there, coming back, and being signed out from there."""

from dataclasses import asdict

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from naer.events.instant import MINUTE
from naer.site import clock
from naer.site.accounts import identities, oidc
from naer.site.accounts.identities import UnknownIdentityError
from naer.site.accounts.oidc import Begun, NotProvenError
from naer.site.accounts.providers import Provider, WrongProviderError, is_safe, providers
from naer.site.accounts.welcome import safe_next, welcome
from naer.site.identity import new_id

_BEGUN = "naer_provider"
_LASTS = 15 * MINUTE
"""A sign-in that was begun must end within."""

_log = structlog.get_logger()

WORDS = {
    "stopped": _("You stopped before the end. Nothing happened."),
    "old": _("That took too long, or was begun in another browser. Begin again."),
    "no-answer": _("The service that says who you are does not answer as it should. Try again later."),
    "untrusted": _(
        "What the service said of you could not be trusted. "
        "Try again; tell your administrator if it happens again."
    ),
    "weak": _("You proved who you are, but not strongly enough for this site. Choose a stronger way."),
    "unknown": _("Nobody here is linked with your identity. Ask your administrator to link you."),
    "closed": _("Your user is closed. Ask your administrator."),
}
"""Why somebody was not signed in → what they read."""


@login_not_required
@require_safe
def go(request: HttpRequest, name: str) -> HttpResponse:
    """Send somebody to the provider."""
    provider = _provider(name)
    now = clock.real()
    try:
        address, begun = oidc.begin(provider, _back(request, provider), get_language() or "en", now)
    except NotProvenError as error:
        return _not_signed_in(request, provider, error.why, str(error))
    request.session[_BEGUN] = asdict(begun) | {
        "provider": provider.name,
        "at": now,
        "next": safe_next(request, ""),
    }
    return redirect(address)


@login_not_required
@require_safe
def back(request: HttpRequest, name: str) -> HttpResponse:
    """Somebody comes back from the provider. What was begun is used once, whatever becomes of it."""
    provider = _provider(name)
    kept, now = request.session.pop(_BEGUN, None), clock.real()
    if not isinstance(kept, dict) or kept.get("provider") != name or not 0 <= now - kept["at"] <= _LASTS:
        return _not_signed_in(request, provider, "old", "nothing was begun")
    begun = Begun(kept["state"], kept["nonce"], kept["verifier"])
    try:
        claims = oidc.finish(provider, begun, request.GET.dict(), _back(request, provider), now)
        user = identities.user_of(provider, claims, now=now, new_id=new_id)
    except NotProvenError as error:
        return _not_signed_in(request, provider, error.why, str(error))
    except UnknownIdentityError as error:
        return _not_signed_in(request, provider, "closed" if error.closed else "unknown", str(error))
    return welcome(request, user, provider.name, kept["next"])


@login_not_required
@csrf_exempt
@require_POST
def sign_out(request: HttpRequest, name: str) -> HttpResponse:
    """The provider says that somebody signed out there (back-channel logout): their sessions end here."""
    provider = _provider(name)
    now = clock.real()
    try:
        subject = oidc.logged_out(provider, request.POST.get("logout_token", ""), now)
    except NotProvenError as error:
        _log.warning("a logout was refused", provider=provider.name, why=str(error))
        return HttpResponse(status=400)
    identities.end_sessions(provider.name, subject, now)
    return HttpResponse(status=200)


def offered() -> dict[str, Provider]:
    """The providers by name; none when a file is wrong, which is logged (`naer serve` refuses to start)."""
    try:
        return providers()
    except WrongProviderError as error:
        _log.error("the providers of identities cannot be read", why=str(error))
        return {}


def elsewhere(request: HttpRequest) -> dict[str, str] | None:
    """Where somebody who has just signed out here may do so at their provider as well: title and address."""
    provider = offered().get(request.GET.get("left", ""))
    if provider is None:
        return None
    try:
        address = oidc.addresses(provider).get("end_session_endpoint")
    except NotProvenError:
        return None
    if not isinstance(address, str) or not is_safe(address):
        return None
    here = request.build_absolute_uri(reverse("sign-in"))
    query = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": here})
    return {"title": provider.title, "address": f"{address}{'&' if '?' in address else '?'}{query}"}


def _provider(name: str) -> Provider:
    found = offered().get(name)
    if found is None:
        raise Http404
    return found


def _back(request: HttpRequest, provider: Provider) -> str:
    return request.build_absolute_uri(reverse("provider-back", args=[provider.name]))


def _not_signed_in(request: HttpRequest, provider: Provider, why: str, told: str) -> HttpResponse:
    _log.warning("not signed in", provider=provider.name, reason=why, why=told)
    status = 503 if why == "no-answer" else 403
    context = {"provider": provider, "words": WORDS[why]}
    return render(request, "accounts/not_signed_in.html", context, status=status)
