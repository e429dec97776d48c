"""The message log, and upload."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from naer.site.access import letters, rules
from naer.site.accounts.models import Organisation
from naer.site.messaging import intake, letter_shown, log, remarks
from naer.site.messaging.answer import Raw
from naer.site.messaging.forms import UploadForm
from naer.site.messaging.outgoing_views import tabs
from naer.site.messaging.record import unpack
from naer.site.pathways.bounded import DEEP, Pages
from naer.site.ui.requests import new_id, now_of, person

PAGE = 50


@csrf_exempt
@login_not_required
def messages(request: HttpRequest) -> HttpResponse:
    """The log, to somebody signed in. What systems post here is taken in before (`door`)."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    return _log(request)


def _log(request: HttpRequest) -> HttpResponse:
    user, now = person(request), now_of(request)
    if not rules.may(user, "message-log"):
        raise PermissionDenied
    given = {name: request.GET.get(name, "") for name in ("answer", "channel", "content")}
    listed = log.filtered(log.visible(user, now), given)
    named = log.named(user)
    page = Pages(
        listed.select_related("citizen") if named else listed, PAGE, request.GET.get("page", "1"), DEEP
    ).asked()
    context = {
        "page": page,
        "named": named,
        "given": given,
        "filtered": any(given.values()),
        "answers": log.ANSWERS,
        "channels": log.CHANNELS,
        "may_upload": rules.may(user, "upload"),
        "now": now,
        **tabs(user, now),
    }
    return render(request, "messaging/log.html", context)


@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: envelope, findings and acknowledgement; the citizen only to those who may see them."""
    user, now = person(request), now_of(request)
    found = log.visible(user, now).select_related("citizen", "duplicate_of").filter(pk=pk).first()
    if found is None:
        raise Http404
    known = log.may_open(user, found, now)
    if known and found.citizen is not None:
        rules.look(user, found.citizen, "look-message", f"message {pk}", now)
    letter = None if known else letters.addressed(user, now).filter(incoming=found).first()
    if letter is not None:
        letters.look(user, letter, f"message {pk}", now)
    answered = found.duplicate_of or found
    opened = known or letter is not None
    row = remarks.letter_of(user, found) if opened else None
    context = {
        "message": found,
        "known": known,
        "opened": opened,
        "names": {o.key: o.name for o in Organisation.objects.filter(pk__in=[found.sender, found.receiver])},
        "issues": log.findings(found.issues),
        "flags": log.findings(found.flags),
        "answer": unpack(bytes(answered.answer)).decode() if answered.answer else "",
        "letter": letter_shown.of_message(user, found, now) if opened else None,
        "remarkable": row.pk if row is not None and letters.relation(user, row, now, "send") else 0,
        "remarks": remarks.made(user, row) if row is not None else [],
        "now": now,
    }
    return render(request, "messaging/message.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take in message files from the reader's own machine, and say what became of each."""
    user, now = person(request), now_of(request)
    if not rules.may(user, "upload"):
        raise PermissionDenied
    posted = request.method == "POST"
    form = UploadForm(request.POST if posted else None, request.FILES if posted else None, label_suffix="")
    results = []
    if form.is_valid():
        files = form.cleaned_data["message_files"]
        batch = [Raw(file.read(), None, "upload") for file in files]
        answers = intake.receive(batch, now=now, new_id=new_id, actor=user)
        seen = {o.pk for o in rules.visible_citizens(user, now).filter(pk__in=[a.citizen for a in answers])}
        results = [
            {"file": file.name, "answer": answer, "known": answer.citizen in seen}
            for file, answer in zip(files, answers, strict=True)
        ]
    context = {"form": form, "results": results, "now": now}
    return render(request, "messaging/upload.html", context, status=422 if form.errors else 200)
