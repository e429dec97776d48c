"""Pages of a hospital that notifies from Naer."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from naer.messages.writing import UnwritableError
from naer.site.access import rules
from naer.site.messaging import notifying, refusal_words
from naer.site.messaging.notify_forms import AdmitForm, NotifyForm
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.enrol import EnrolmentError
from naer.site.ui import words
from naer.site.ui.requests import new_id, now_of, person


@require_http_methods(["GET", "HEAD", "POST"])
def admit(request: HttpRequest) -> HttpResponse:
    """Tell that somebody came to the hospital: known here or not."""
    user, now = person(request), now_of(request)
    if not rules.may(user, "notify"):
        raise PermissionDenied
    if not notifying.may_tell(user, now):
        return render(request, "messaging/notify_elsewhere.html", {"now": now})
    form = AdmitForm(
        request.POST if request.method == "POST" else None,
        municipalities=notifying.municipalities(None),
        hospitals=notifying.hospitals(user),
        now=now,
        label_suffix="",
    )
    if form.is_valid():
        given = form.cleaned_data
        try:
            found, _event = notifying.begin(
                user, given["number"], given["name"], form.telling, now=now, new_id=new_id
            )
        except (ActionRefusedError, EnrolmentError, UnwritableError) as error:
            form.add_error(None, _refused(error))
        else:
            messages.success(request, _told(form.telling.code))
            return redirect("citizen", found.key)
    return render(
        request, "messaging/admit.html", {"form": form, "now": now}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def notify(request: HttpRequest, key: str) -> HttpResponse:
    """Tell what came next in a stay at the reader's hospital, or correct or cancel what was told last."""
    user, now = person(request), now_of(request)
    found = rules.open_citizen(user, key, "notify", now)
    if not rules.relation(user, found, now, "notify") or not notifying.may_tell(user, now):
        raise Http404
    pathway, stay = notifying.newest(found, user.organisation_id or "", now)
    code = request.GET.get("code", "")
    if code not in stay.possible or not pathway:
        raise Http404
    form = NotifyForm(
        request.POST if request.method == "POST" else None,
        code=code,
        municipalities=notifying.municipalities(found),
        hospitals=notifying.hospitals(user),
        now=now,
        label_suffix="",
    )
    if form.is_valid():
        try:
            notifying.go_on(user, found, pathway, form.telling, now=now, new_id=new_id)
        except (ActionRefusedError, UnwritableError) as error:
            form.add_error(None, _refused(error))
        else:
            messages.success(request, _told(code))
            return redirect("citizen", key)
    context = {"citizen": found, "form": form, "code": code, "now": now, "told_at": stay.at}
    return render(request, "messaging/notify.html", context, status=422 if form.errors else 200)


def _told(code: str) -> str:
    return _("Told: %(what)s") % {"what": words.code(code)}


def _refused(error: Exception) -> str:
    return _("It could not be sent, and nothing was changed. %(why)s") % {"why": refusal_words.why(error)}
