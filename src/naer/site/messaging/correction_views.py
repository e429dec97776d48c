"""The page that corrects what a message told."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from naer.messages.writing import UnwritableError
from naer.site.access import rules
from naer.site.messaging import correcting, outgoing, refusal_words
from naer.site.messaging.correction_form import CorrectionForm
from naer.site.messaging.dead_letters import NothingToDoError
from naer.site.messaging.models import OutgoingMessage
from naer.site.pathways.actions import ActionRefusedError
from naer.site.ui.requests import new_id, now_of, person


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the time, the content or the note of what a message told, and send the correction."""
    user, now = person(request), now_of(request)
    visible = outgoing.visible(user, now).filter(pk=pk).values("pk")
    message = OutgoingMessage.objects.select_related("citizen").filter(pk__in=visible).first()
    found = correcting.find(user, message, now) if message is not None else None
    if message is None or message.citizen is None or found is None:
        raise Http404
    rules.look(user, message.citizen, "look-message", f"outgoing {pk}", now)
    posted = request.POST if request.method == "POST" else None
    form = CorrectionForm(posted, found=found, now=now, label_suffix="")
    if form.is_valid():
        if not form.changed:
            form.add_error(None, _("Nothing is changed yet."))
        else:
            try:
                sent = correcting.correct(user, found, form.moment, form.said, now=now, new_id=new_id)
            except (UnwritableError, ActionRefusedError, NothingToDoError) as error:
                form.add_error(
                    None,
                    _("It could not be sent, and nothing was changed. %(why)s")
                    % {"why": refusal_words.why(error)},
                )
            else:
                messages.success(
                    request, _("Corrected. The message leaves in a minute; until then it can be taken back.")
                )
                return redirect("message-out", sent.pk)
    context = {"message": message, "citizen": message.citizen, "found": found, "form": form, "now": now}
    return render(request, "messaging/correct.html", context, status=422 if form.errors else 200)
