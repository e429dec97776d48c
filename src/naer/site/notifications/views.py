"""What one was told, and how one wants to be told: everybody's own, and nobody else's."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from naer.site.notifications import actions, queries, smtp
from naer.site.notifications.forms import PreferenceForm
from naer.site.notifications.models import Mail, Notification
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
    page = Paginator(queries.told(user, every), PAGE).get_page(request.GET.get("page"))
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
    form = PreferenceForm(
        request.POST if request.method == "POST" else None,
        preference=queries.preference(user),
        address=user.email,
    )
    if request.method == "POST" and form.is_valid():
        actions.prefer(user, form.preference, form.cleaned_data["address"])
        messages.success(request, _("Kept. It counts from now on."))
        return redirect("notification-preferences")
    last = queries.last_mail(user)
    context = {
        "form": form,
        "server": smtp.server() is not None,
        "refused": last is not None and last.state == Mail.State.REFUSED,
        "now": now,
    }
    return render(request, "notifications/preferences.html", context, status=422 if form.errors else 200)
