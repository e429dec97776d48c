"""Pages that answer a Norwegian message as such: report a fault in it, or say that nobody is there."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from naer.messages.writing import UnwritableError
from naer.site.access import rules
from naer.site.messaging import refusal_words, remarks
from naer.site.messaging.remark_forms import AwayForm, FaultForm
from naer.site.messaging.remarks import Received
from naer.site.pathways.actions import ActionRefusedError
from naer.site.ui.requests import new_id, now_of, person


@require_http_methods(["GET", "HEAD", "POST"])
def fault(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the sender that a message went to the wrong place, or lacks something."""
    user, now = person(request), now_of(request)
    about = remarks.received(user, pk, now)
    form = FaultForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        given = form.cleaned_data
        try:
            sent = remarks.report_fault(
                user, about, given["fault"], given["text"], phone=given["phone"], now=now, new_id=new_id
            )
        except (UnwritableError, ActionRefusedError) as error:
            form.add_error(None, _refused(error))
        else:
            messages.success(request, _("Your report leaves in a minute. Until then you can take it back."))
            return redirect("conversation", sent.pk)
    return _page(request, "messaging/fault.html", about, form)


@require_http_methods(["GET", "HEAD", "POST"])
def away(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the sender of a message that nobody is there to act on it."""
    user, now = person(request), now_of(request)
    about = remarks.received(user, pk, now)
    form = AwayForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        try:
            sent = remarks.tell_away(user, about, form.away, now=now, new_id=new_id)
        except (UnwritableError, ActionRefusedError) as error:
            form.add_error(None, _refused(error))
        else:
            messages.success(request, _("Your message leaves in a minute. Until then you can take it back."))
            seen = rules.may_see(user, sent.citizen, now)
            return redirect("message-out", sent.outgoing_id) if seen else redirect("conversations")
    return _page(request, "messaging/away.html", about, form)


def _page(request: HttpRequest, template: str, about: Received, form: FaultForm | AwayForm) -> HttpResponse:
    user, now = person(request), now_of(request)
    row = about.row
    back = reverse("message", args=[row.incoming_id])
    context = {
        "pk": row.pk,
        "letter": row,
        "who": about.letter.sender.name or row.sender,
        "citizen": row.citizen,
        "back": back,
        "made": remarks.made(user, row),
        "form": form,
        "now": now,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _refused(error: Exception) -> str:
    return _("It could not be sent, and nothing was changed. %(why)s") % {"why": refusal_words.why(error)}
