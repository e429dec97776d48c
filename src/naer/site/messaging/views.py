"""The message log, upload, and the address that systems post messages to."""

import secrets
from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from naer.messages.envelope import Issue
from naer.messages.medcom import acknowledgement
from naer.site.access import letters, rules
from naer.site.accounts.models import Organisation
from naer.site.messaging import gate, intake, letter_shown, log, remarks
from naer.site.messaging.answer import Raw
from naer.site.messaging.forms import UploadForm
from naer.site.messaging.outgoing_views import tabs
from naer.site.messaging.record import unpack
from naer.site.pathways.actor import Process
from naer.site.pathways.bounded import DEEP, Pages
from naer.site.ui.requests import new_id, now_of, person

PAGE = 50
MEDIA_TYPES = frozenset(
    {
        "application/fhir+json",
        "application/fhir+xml",
        "application/json",
        "application/xml",
        "text/json",
        "text/xml",
        "application/octet-stream",
        "",
    }
)
PACKED = frozenset({"gzip", "x-gzip", "deflate", "compress", "br", "zstd"})
"""Codings of a body that the intake does not unpack: a few bytes could be a gigabyte."""

_READ_AWAY, _PIECE = 50 * 1024 * 1024, 1024 * 1024
"""Bytes of a message that is too large to read and forget; and at a time."""


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: HttpRequest) -> HttpResponse:
    """POST takes one message in; GET shows the log to somebody signed in."""
    if request.method == "POST":
        return _post(request)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    return _log(request)


def _post(request: HttpRequest) -> HttpResponse:
    """One message from a system: the answer is an Acknowledgement, or an OperationOutcome."""
    written = "xml" if "xml" in (request.content_type or "") else "json"
    if not _welcome(request):
        refusal = _outcome(
            401, "login", "send Authorization: Bearer with the token of this installation", written
        )
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    if (request.content_type or "").lower() not in MEDIA_TYPES:
        return _outcome(415, "not-supported", "send application/fhir+json or application/fhir+xml", "json")
    if request.headers.get("Content-Encoding", "").strip().lower() in PACKED:
        return _outcome(415, "not-supported", "send the message as it is, without Content-Encoding", written)
    try:
        data = request.body
    except RequestDataTooBig:
        _read_away(request)
        return _outcome(413, "too-long", "the message is larger than 5 MB", written)
    except UnreadablePostError:
        return _outcome(400, "structure", "the message broke off", written)
    raw = Raw(data, request.content_type or None, "http", request.GET.get("to", "")[:64])
    answer = gate.receive(raw, now=now_of(request), new_id=new_id, actor=Process("http"))
    return HttpResponse(answer.body, status=answer.http_status, content_type=answer.content_type)


def _read_away(request: HttpRequest) -> None:
    """Let the sender finish, within bounds: one who is cut off while sending never sees the answer."""
    with suppress(UnreadablePostError):
        for _ in range(_READ_AWAY // _PIECE):
            if not request.read(_PIECE):
                return


def _welcome(request: HttpRequest) -> bool:
    """Whether the sender may post: by token, or from this very machine in demo mode."""
    if settings.INTAKE_TOKEN:
        given = request.headers.get("Authorization", "")
        wanted = f"Bearer {settings.INTAKE_TOKEN}"
        return secrets.compare_digest(given.encode(), wanted.encode())
    return settings.MODE == "demo" and _from_here(request)


def _from_here(request: HttpRequest) -> bool:
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _outcome(status: int, code: str, text: str, written: str) -> HttpResponse:
    body = acknowledgement.operation_outcome([Issue(code, text)], "xml" if written == "xml" else "json")
    return HttpResponse(body, status=status, content_type=f"application/fhir+{written}; charset=utf-8")


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
