"""The outbox, what needs somebody, one message out with its tries, notices, and the connections."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import (
    business_answer,
    correcting,
    dead_letters,
    letter_shown,
    log,
    notices,
    outgoing,
    outgoing_words,
    stopping,
)
from naer.site.messaging.connections import WrongConnectionsError, connections
from naer.site.messaging.models import OutgoingMessage
from naer.site.messaging.outgoing_forms import GiveUpForm
from naer.site.messaging.record import unpack
from naer.site.messaging.transport import target
from naer.site.pathways.bounded import DEEP, Pages
from naer.site.ui import words
from naer.site.ui.requests import new_id, now_of, person

PAGE = 50


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Everything that was written here for others, newest first."""
    user, now = _reader(request), now_of(request)
    state = request.GET.get("state", "")
    state = state if state in outgoing.STATES else ""
    found = outgoing.filtered(outgoing.visible(user, now), state)
    states = [(name, str(outgoing_words.STATES[name])) for name in outgoing.STATES]
    return _list(request, "messaging/outbox.html", found, {"state": state, "states": states})


@require_safe
def needs_somebody(request: HttpRequest) -> HttpResponse:
    """The dead-letter list: what did not get through, with what to do about each."""
    user, now = _reader(request), now_of(request)
    return _list(request, "messaging/needs_somebody.html", outgoing.needing_somebody(user, now), {})


def _list(
    request: HttpRequest, template: str, found: QuerySet[OutgoingMessage], more: dict[str, Any]
) -> HttpResponse:
    user, now = person(request), now_of(request)
    named = log.named(user)
    page = Pages(
        found.select_related("citizen") if named else found, PAGE, request.GET.get("page", "1"), DEEP
    ).asked()
    names = _names({one.receiver for one in page} | {one.sender for one in page})
    givers = _people({one.closed_by for one in page})
    rows = [
        {
            "message": one,
            "told": outgoing_words.explained(one, now, givers.get(one.closed_by, one.closed_by)),
            "receiver": names.get(one.receiver, one.receiver),
        }
        for one in page
    ]
    context = {"page": page, "rows": rows, "named": named, "now": now, **tabs(user, now), **more}
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def message_out(request: HttpRequest, pk: int) -> HttpResponse:
    """One message out: why it stands as it does, what can be done, every try, the content."""
    user, now = _reader(request), now_of(request)
    found = OutgoingMessage.objects.select_related("citizen", "answer").filter(
        pk__in=outgoing.visible(user, now).filter(pk=pk).values("pk")
    )
    message = found.first()
    if message is None:
        raise Http404
    known = message.citizen is not None and rules.may_see(user, message.citizen, now)
    if known and message.citizen is not None:
        rules.look(user, message.citizen, "look-message", f"outgoing {pk}", now)
    may = dead_letters.may(user, message, now)
    possible = dead_letters.possible(message) if may else frozenset()
    act = request.POST.get("act", "")
    form = GiveUpForm(request.POST if act == "give-up" else None, label_suffix="")
    if request.method == "POST" and (act != "give-up" or form.is_valid()):
        return _act(request, message, act, form)
    tries = list(message.deliveries.order_by("-pk"))
    people = _people({message.by, message.closed_by, *(one.by for one in tries)})
    context = {
        "message": message,
        "told": outgoing_words.explained(message, now, people.get(message.closed_by, "")),
        "known": known,
        "possible": possible,
        "correctable": known and correcting.find(user, message, now) is not None,
        "form": form,
        "names": _names({message.sender, message.receiver}),
        "by": people.get(message.by, words.process(message.by)),
        "tries": [
            {
                "at": one.at,
                "outcome": outgoing_words.outcome(one.outcome),
                "target": one.target,
                "detail": one.detail,
                "by": people.get(one.by, words.process(one.by)),
            }
            for one in tries
        ],
        "transport": outgoing_words.transport(message.transport),
        "issues": log.findings(message.issues),
        "answered": business_answer.first(message) if known else None,
        "letter": letter_shown.of_outgoing(user, message, now) if known else None,
        "content": unpack(bytes(message.content)).decode(errors="replace") if known else "",
        "now": now,
        **tabs(user, now),
    }
    return render(request, "messaging/message_out.html", context, status=422 if form.errors else 200)


def _act(request: HttpRequest, message: OutgoingMessage, act: str, form: GiveUpForm) -> HttpResponse:
    """Do what was asked, say so, and come back to the message."""
    user, now = person(request), now_of(request)
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "retry": (lambda: dead_letters.retry(message, user, now=now), _("It is tried again now.")),
        "again": (
            lambda: dead_letters.send_again(message, user, now=now, new_id=new_id),
            _("It is sent again."),
        ),
        "give-up": (
            lambda: dead_letters.give_up(message, user, form.cleaned_data["why"], now=now),
            _("The message was given up."),
        ),
        "take-back": (
            lambda: stopping.take_back(user, message, now=now, new_id=new_id),
            _("The message was taken back."),
        ),
    }
    if act not in acts:
        raise Http404
    do, done = acts[act]
    try:
        changed = do()
    except dead_letters.NothingToDoError:
        changed = False
    if changed is False:
        messages.error(request, _("Nothing was changed: the message moved on meanwhile."))
    else:
        messages.success(request, done)
    return redirect("message-out", message.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def told(request: HttpRequest) -> HttpResponse:
    """Escalations: what was not done in time, told to the reader's organisation."""
    user, now = _reader(request), now_of(request)
    if not rules.sees_citizens(user):
        raise PermissionDenied
    if request.method == "POST":
        chosen = [int(pk) for pk in request.POST.getlist("notice") if pk.isdecimal() and len(pk) < 19]
        count = notices.note(user, chosen, now)
        said = ngettext("%(count)s notice noted.", "%(count)s notices noted.", count) % {"count": count}
        messages.success(request, said)
        return redirect("notices")
    every = "all" in request.GET
    listed = outgoing.notices(user, now) if every else outgoing.new_notices(user, now)
    page = Pages(listed, PAGE, request.GET.get("page", "1"), DEEP).asked()
    context = {"page": page, "notices": notices.read(page, now), "every": every, "now": now}
    return render(request, "messaging/notices.html", context | tabs(user, now))


@require_safe
def ways_out(request: HttpRequest) -> HttpResponse:
    """The connections of this installation, for those who look after them; no secret is among it."""
    user, now = person(request), now_of(request)
    if not rules.may(user, "deliver"):
        raise PermissionDenied
    wrong = ""
    listed = []
    try:
        listed = [(one, target(one), outgoing_words.transport(one.transport)) for one in connections()]
    except WrongConnectionsError as error:
        wrong = str(error)
    return render(
        request,
        "messaging/connections.html",
        {"wrong": wrong, "listed": listed, "now": now, **tabs(user, now)},
    )


def tabs(user: User, now: Instant) -> dict[str, Any]:
    """What the tabs of the Messages place show: the counts of what waits for somebody."""
    sees = rules.sees_citizens(user)
    return {
        "waiting_for_us": outgoing.needing_somebody(user, now)[:100].count(),
        "sees_notices": sees,
        "notices_new": outgoing.new_notices(user, now)[:100].count() if sees else 0,
        "may_deliver": rules.may(user, "deliver"),
    }


def _reader(request: HttpRequest) -> User:
    """Who reads; somebody without the message log sees none of this."""
    user = person(request)
    if not rules.may(user, "message-log"):
        raise PermissionDenied
    return user


def _names(keys: set[str]) -> dict[str, str]:
    return {one.key: one.name for one in Organisation.objects.filter(pk__in=keys)}


def _people(names: set[str]) -> dict[str, str]:
    return {one.username: one.name for one in User.objects.filter(username__in=names)}
