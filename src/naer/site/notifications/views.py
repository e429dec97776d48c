"""What one was told, and how one wants to be told: everybody's own, and nobody else's."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from naer.site.accounts.models import User
from naer.site.notifications import actions, addresses, queries, smtp
from naer.site.notifications.forms import ConfirmForm, PreferenceForm
from naer.site.notifications.models import Mail, Notification
from naer.site.pathways.bounded import DEEP, Pages
from naer.site.ui.requests import now_of, person

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """The list; posting marks everything as read."""
    user, now = person(request), now_of(request)
    if request.method == "POST":
        actions.read(user, now)
        return redirect("notifications")
    every = "all" in request.GET
    page = Pages(queries.told(user, every), PAGE, request.GET.get("page", "1"), DEEP).asked()
    context = {"page": page, "rows": queries.rows(user, page, now), "every": every, "now": now}
    return render(request, "notifications/notifications.html", context)


@require_POST
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Read one and go where it leads."""
    user, now = person(request), now_of(request)
    one = Notification.objects.filter(pk=pk, user=user).first()
    if one is None:
        raise Http404
    actions.read(user, now, pk)
    (row,) = queries.rows(user, [one], now)
    if not row.address:
        messages.error(request, _("It is about somebody who is not yours to see now."))
        return redirect("notifications")
    return redirect(row.address)


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """How one wants to be told."""
    user, now = person(request), now_of(request)
    waits = addresses.waiting(user, now)
    form = PreferenceForm(
        request.POST if request.method == "POST" else None,
        preference=queries.preference(user),
        address=waits.address if waits is not None else user.email,
        own=user.role in (User.Role.CITIZEN, User.Role.RELATIVE),
    )
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            actions.prefer(user, form.preference)
            asked = addresses.give(user, form.cleaned_data["address"], now)
        messages.success(request, _("Kept. It counts from now on."))
        return redirect("notification-confirm" if asked and waits is None else "notification-preferences")
    last = queries.last_mail(user)
    context = {
        "form": form,
        "server": smtp.server() is not None,
        "refused": (last is not None and last.state == Mail.State.REFUSED)
        or (waits is not None and addresses.refused(waits)),
        "waits": waits,
        "now": now,
    }
    return render(request, "notifications/preferences.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The code that was sent to one's address is typed in; a link fills the field, and confirms nothing."""
    user, now = person(request), now_of(request)
    form = ConfirmForm(
        request.POST if request.method == "POST" else None,
        initial={"code": request.GET.get("code", "")[:40]},
        label_suffix="",
    )
    if form.is_valid():
        if addresses.confirm(user, form.cleaned_data["code"], now):
            messages.success(request, _("Your address is confirmed: e-mails go there from now on."))
            return redirect("notification-preferences")
        form.add_error("code", _("This is not the code that was sent, or it is too old."))
    waits = addresses.waiting(user, now)
    context = {"form": form, "waits": waits, "now": now}
    return render(request, "notifications/confirm.html", context, status=422 if form.errors else 200)
