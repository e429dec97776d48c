"""Signing in and out, and the choice of language."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import check_for_language, ngettext
from django.views.decorators.http import require_POST, require_safe

from naer.events.instant import MINUTE
from naer.site import clock
from naer.site.accounts import by_password, caller, sessions
from naer.site.accounts.forms import SignInForm
from naer.site.accounts.lockout import LockedOutError
from naer.site.accounts.models import User
from naer.site.accounts.provider_views import elsewhere, offered
from naer.site.accounts.welcome import remember, safe_next, welcome


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name and password, and the providers of identities; in demo mode one button for each person."""
    if getattr(request, "htmx", False):  # a page left open after the session ended: load the whole page
        return HttpResponse(headers={"HX-Redirect": reverse("sign-in")})
    form = SignInForm(request, data=request.POST if request.method == "POST" else None)
    now, wait = clock.real(), 0
    if request.method == "POST":
        try:
            user, failed = by_password.sign_in(form, caller.address(request), now)
        except LockedOutError as locked:
            wait = max(1, -(-(locked.until - now) // MINUTE))
            form = SignInForm(request, initial={"username": request.POST.get("username", "")[:150]})
        else:
            if failed:
                messages.warning(request, _failures(failed))
            if user is not None:
                return welcome(request, user, "password", safe_next(request, ""))
    people = User.objects.none()
    if settings.MODE == "demo":
        people = (
            User.objects.filter(is_demo=True, is_active=True).select_related("organisation").order_by("pk")
        )
    context = {
        "form": form,
        "people": people,
        "next": safe_next(request, ""),
        "wait": wait,
        "providers": offered(),
        "left": elsewhere(request),
    }
    status = 429 if wait else 422 if form.errors else 200
    return render(request, "accounts/sign_in.html", context, status=status)


def _failures(failed: int) -> str:
    """What somebody is told who did not fail themselves, perhaps."""
    words = ngettext(
        "Since you last signed in, %(failed)s try to sign in with your user name has failed elsewhere.",
        "Since you last signed in, %(failed)s tries to sign in with your user name have failed elsewhere.",
        failed,
    )
    return words % {"failed": failed}


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One click for a demo person; there is no such page outside demo mode."""
    if settings.MODE != "demo":
        raise Http404
    user = get_object_or_404(User, username=request.POST.get("username", ""), is_demo=True, is_active=True)
    return welcome(request, user, "demo", safe_next(request, ""))


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    how = sessions.end(request, clock.real())
    query = f"?{urlencode({'left': how})}" if how in offered() else ""
    return redirect(reverse("sign-in") + query)


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Sets the language in a cookie, and for the person if somebody is signed in."""
    response = HttpResponseRedirect(safe_next(request, reverse("today")))
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES) and check_for_language(code):
        remember(response, code)
        if isinstance(request.user, User):
            request.user.language = code
            request.user.save(update_fields=["language"])
    return response


@login_not_required
@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """For a load balancer: the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")
