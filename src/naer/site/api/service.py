"""The JSON API for systems that speak no FHIR: messages and their states, obligations, a structured answer.

Who asks is told as for FHIR (`fhir.caller`): a session, or a SMART token whose scopes narrow it. What may be
seen is for `access.rules` alone. The description is at /api/openapi.json.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Path, Query, Status
from ninja.errors import ValidationError

from naer.events.instant import Instant, parse
from naer.messages.writing import CARE_COMMUNICATION, UnwritableError
from naer.site import bulk
from naer.site.access import letters, rules
from naer.site.accounts.models import Organisation, User
from naer.site.api import rows
from naer.site.api.shapes import (
    Absence,
    Fault,
    GivingUp,
    MessageIn,
    MessageOut,
    MessagesIn,
    MessagesOut,
    Obligations,
    Problem,
    ReadyAnswer,
    Said,
    State,
)
from naer.site.fhir import caller
from naer.site.fhir.answers import Refused
from naer.site.messaging import dead_letters, log, outgoing, parties, remarks, stopping
from naer.site.messaging.can_receive import answer_ready, wording
from naer.site.messaging.correspondence import organisation_of, standard_for
from naer.site.messaging.drafts import Written
from naer.site.messaging.models import OutgoingMessage
from naer.site.pathways import obligations
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.bounded import Chain, Pages
from naer.site.pathways.models import Obligation
from naer.site.pathways.running import running
from naer.site.sql import sql
from naer.site.ui.requests import new_id, now_of
from naer.site.ui.times import ZONE

Answer = Literal["ok", "fatal-error", "transient-error"]
PAGE = 100
COUNTED = 10_000
"""Rows that are counted, and that pages are turned to: beyond that a list is asked for with a filter."""
_EARLIEST, _LATEST = (parse(f"{year}-01-01T00:00:00Z", ZONE) for year in (1900, 2200))
Page = Annotated[int, Query(ge=1, le=100_000)]
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]

api = NinjaAPI(title="Naer", version="1", docs_url=None, urls_namespace="api", description=__doc__ or "")
ERRORS = {401: Problem, 403: Problem, 422: Problem, 400: Problem}


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    answer = api.create_response(request, {"detail": str(refused)}, status=refused.status)
    for name, value in refused.headers.items():
        answer[name] = value
    return answer


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, _: PermissionDenied) -> HttpResponse:
    return api.create_response(request, {"detail": "your role does not allow this"}, status=403)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, _: Http404) -> HttpResponse:
    return api.create_response(request, {"detail": "there is none, or it is not yours to see"}, status=404)


@api.exception_handler(ActionRefusedError)
@api.exception_handler(UnwritableError)
@api.exception_handler(dead_letters.NothingToDoError)
def _conflict(request: HttpRequest, error: ValueError) -> HttpResponse:
    return api.create_response(request, {"detail": str(error)}, status=409)


@api.exception_handler(ValidationError)
def _wrong(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What is wrong, and where; never what was sent."""
    told = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors)
    return api.create_response(request, {"detail": told}, status=422)


@api.get("/messages/in", response={200: MessagesIn, **ERRORS}, summary="Messages that came in")
def messages_in(
    request: HttpRequest,
    answer: Literal["ok", "fatal-error", "transient-error"] | None = None,
    page: Page = 1,
) -> dict[str, Any]:
    """Newest first; those that the caller's role and care relations let it see.

    For every citizen it names, a look is written down.
    """
    user, now = _asking(request, "Communication", caller.READ)
    found = log.filtered(log.visible(user, now), {"answer": answer or ""})
    return _traced(_page(found, page, lambda one: rows.message_in(one, user)), user, "messages in", now)


@api.get("/messages/in/{id}", response={200: MessageIn, 404: Problem, **ERRORS}, summary="One message in")
def message_in(request: HttpRequest, id: Id) -> dict[str, Any]:
    """A look at a citizen's message is written down."""
    user, now = _asking(request, "Communication", caller.READ)
    found = log.visible(user, now).select_related("citizen").filter(pk=id).first()
    if found is None:
        raise Http404
    if log.may_open(user, found, now) and found.citizen is not None:
        rules.look(user, found.citizen, "look-message", f"message {id}", now)
    elif (letter := letters.addressed(user, now).filter(incoming=found).first()) is not None:
        letters.look(user, letter, f"message {id}", now)
    return rows.message_in(found, user)


REMARK = {201: Said, 404: Problem, 409: Problem, **ERRORS}
FAULTS = {"wrong-addressee": "1", "lacking-information": "2", "other": "9"}
"""What is wrong with a message → its code of list 8117."""


@api.post("/messages/in/{id}/fault", response=REMARK, summary="Report a fault in a message (Norway)")
def report_fault(request: HttpRequest, id: Id, given: Fault) -> Status[Said]:
    """Tells the sender that it went to the wrong place, or lacks something: DIALOG_AVVIK."""
    user, now = _asking(request, "Communication", caller.WRITE)
    about = _remarkable(user, id, now)
    sent = remarks.report_fault(
        user, about, FAULTS[given.fault], given.text, phone=given.phone, now=now, new_id=new_id
    )
    return Status(201, Said(message_id=sent.message_id, citizen=sent.citizen_id))


@api.post("/messages/in/{id}/absence", response=REMARK, summary="Say that nobody is there (Norway)")
def tell_away(request: HttpRequest, id: Id, given: Absence) -> Status[Said]:
    """Tells the sender that nobody is there to act on it, and whether it was passed on: FRAVARSMELDING."""
    user, now = _asking(request, "Communication", caller.WRITE)
    about = _remarkable(user, id, now)
    away = remarks.Away(given.since, given.until, given.passed_on, given.note)
    sent = remarks.tell_away(user, about, away, now=now, new_id=new_id)
    return Status(201, Said(message_id=sent.message_id, citizen=sent.citizen_id))


@api.get("/messages/out", response={200: MessagesOut, **ERRORS}, summary="Messages written here")
def messages_out(request: HttpRequest, state: State | None = None, page: Page = 1) -> dict[str, Any]:
    """Newest first, each with where it stands.

    For every citizen it names, a look is written down.
    """
    user, now = _asking(request, "Communication", caller.READ)
    found = outgoing.filtered(outgoing.visible(user, now), state or "")
    return _traced(
        _page(found, page, lambda one: rows.message_out(one, user, now)), user, "messages out", now
    )


@api.get("/messages/out/{id}", response={200: MessageOut, 404: Problem, **ERRORS}, summary="One message out")
def message_out(request: HttpRequest, id: Id) -> dict[str, Any]:
    """A look at a citizen's message is written down."""
    user, now = _asking(request, "Communication", caller.READ)
    found = _one_out(user, id, now)
    if found.citizen is not None and rules.may_see(user, found.citizen, now):
        rules.look(user, found.citizen, "look-message", f"outgoing {id}", now)
    return rows.message_out(found, user, now)


ACTING = {200: MessageOut, 404: Problem, 409: Problem, **ERRORS}


@api.post("/messages/out/{id}/retry", response=ACTING, summary="Try again at once")
def retry(request: HttpRequest, id: Id) -> dict[str, Any]:
    """For a message that could not be handed over."""
    user, now = _asking(request, "Communication", caller.WRITE)
    dead_letters.retry(_one_out(user, id, now), user, now=now)
    return rows.message_out(_one_out(user, id, now), user, now)


@api.post("/messages/out/{id}/give-up", response=ACTING, summary="Give a message up")
def give_up(request: HttpRequest, id: Id, given: GivingUp) -> dict[str, Any]:
    """Closes it for good; what it should have told must be told another way."""
    user, now = _asking(request, "Communication", caller.WRITE)
    dead_letters.give_up(_one_out(user, id, now), user, given.reason, now=now)
    return rows.message_out(_one_out(user, id, now), user, now)


@api.post("/messages/out/{id}/again", response=ACTING, summary="Send a message again")
def again(request: HttpRequest, id: Id) -> dict[str, Any]:
    """For one that nobody answered in time, as often as its standard allows."""
    user, now = _asking(request, "Communication", caller.WRITE)
    if not dead_letters.send_again(_one_out(user, id, now), user, now=now, new_id=new_id):
        raise dead_letters.NothingToDoError("somebody else sent it again just now")
    return rows.message_out(_one_out(user, id, now), user, now)


@api.post("/messages/out/{id}/take-back", response=ACTING, summary="Take a message back")
def take_back(request: HttpRequest, id: Id) -> dict[str, Any]:
    """Stops one that has not left yet; what has left is cancelled by another message."""
    user, now = _asking(request, "Communication", caller.WRITE)
    if not stopping.take_back(user, _one_out(user, id, now), now=now, new_id=new_id):
        raise dead_letters.NothingToDoError("the message has left, or is closed")
    return rows.message_out(_one_out(user, id, now), user, now)


@api.get("/obligations", response={200: Obligations, **ERRORS}, summary="What runs and is owed")
def owed(
    request: HttpRequest, direction: Literal["owed_by", "owed_to"] = "owed_by", page: Page = 1
) -> dict[str, Any]:
    """By, or to, the caller's organisation; what is due first comes first.

    For every citizen it names, a look is written down.
    """
    user, now = _asking(request, "Task", caller.READ)
    own = sql(f"{direction} = %s", user.organisation_id)
    found = Chain[bulk.Row](running(user, now, own).in_order(now))
    shown = _page(found, page, lambda one: rows.obligation(one, now), _stored)
    return _traced(shown, user, "obligations", now)


@api.post(
    "/ready-answers",
    response={201: Said, 404: Problem, 409: Problem, **ERRORS},
    summary="A municipality says whether it can receive a citizen who is ready",
)
def say_ready(request: HttpRequest, given: ReadyAnswer) -> Status[Said]:
    """The structured answer that the messages of neither country can carry.

    It is an event of the citizen's; a message with the same in words goes to the receiver, a hospital.
    """
    user, now = _asking(request, "Communication", caller.WRITE)
    citizen = rules.open_citizen(user, given.citizen, "ready-answer", now)
    since = None if given.since is None else _since(given.since)
    if not Organisation.objects.filter(pk=given.receiver).exists():
        raise Refused(404, "not-found", "receiver: no such organisation in the register")
    care = (
        standard_for(parties.party(organisation_of(user)), parties.party(given.receiver))
        == CARE_COMMUNICATION
    )
    told = wording(given.can_receive, since, given.note, care=care)
    words = Written(told, role=given.role, phone=given.phone)
    sent = answer_ready(
        user,
        citizen,
        given.receiver,
        given.can_receive,
        since,
        words,
        pathway=given.pathway,
        now=now,
        new_id=new_id,
    )
    return Status(201, Said(message_id=sent.message_id, citizen=citizen.key))


def _asking(request: HttpRequest, kind: str, access: str) -> tuple[User, Instant]:
    """Who asks, and when.

    Raises:
        Refused: as `caller.who`, and where the token's scopes do not reach.
    """
    asking = caller.who(request)
    asking.require(kind, access)
    return asking.user, now_of(request)


def _since(given: str) -> Instant:
    """A time that somebody sent.

    Raises:
        Refused: when it is none, or outside 1900 to 2199.
    """
    try:
        instant = parse(given, ZONE)
    except ValueError:
        raise Refused(422, "value", "since: write a time as 2026-03-02T10:00:00Z") from None
    if not _EARLIEST <= instant < _LATEST:
        raise Refused(422, "value", "since: write a time between 1900 and 2199")
    return instant


def _stored(rows: Iterable[bulk.Row]) -> list[Obligation]:
    return obligations.stored([key for (key,) in rows])


def _page(
    found: QuerySet[Any] | Chain[Any],
    number: int,
    shape: Callable[[Any], Any],
    read: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> dict[str, Any]:
    """`read` makes of a page of `found` what `shape` takes."""
    pages = Pages(found, PAGE, str(COUNTED // PAGE), COUNTED)
    items = pages.page(number).object_list if number <= pages.num_pages else []
    return {"items": [shape(one) for one in read(items)], "count": pages.count, "pages": pages.num_pages}


def _traced(page: dict[str, Any], user: User, subject: str, now: Instant) -> dict[str, Any]:
    """The page, with a look at each citizen it names written down."""
    named = {one["citizen"] for one in page["items"] if one["citizen"]}
    rules.looked_at(user, named, subject, now, "look-list")
    return page


def _one_out(user: User, id: int, now: Instant) -> OutgoingMessage:
    found = outgoing.visible(user, now).select_related("citizen").filter(pk=id).first()
    if found is None:
        raise Http404
    return found


def _remarkable(user: User, id: int, now: Instant) -> remarks.Received:
    """A Norwegian letter in, to the caller's organisation."""
    found = log.visible(user, now).filter(pk=id).first()
    row = remarks.letter_of(user, found) if found is not None else None
    if row is None:
        raise Http404
    return remarks.received(user, row.pk, now)
