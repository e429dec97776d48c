"""Requests for help as lists and as one: what a user may see of them, in a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import Http404

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.entry.actions import unseal
from naer.site.entry.models import HELP, HelpRequest, HelpStep
from naer.site.pathways.models import Citizen, Obligation

UNSORTED, OPEN, ANSWERED, MINE = "unsorted", "open", "answered", "mine"
STATES = (UNSORTED, OPEN, MINE, ANSWERED)


@dataclass(frozen=True, slots=True)
class Row:
    """One request in a list. `due` is when the next step is owed; None when nothing is."""

    request: HelpRequest
    gist: str
    due: Instant | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One step with what was written: text, and which other authority."""

    step: HelpStep
    text: str
    authority: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A request with all of it. `name` and `phone` are of one who called."""

    request: HelpRequest
    text: str
    name: str
    phone: str
    steps: list[Shown]
    due: Instant | None


def asked_of(user: User, now: Instant, state: str = "") -> QuerySet[HelpRequest]:
    """What the user's municipality is asked, about citizens it may see: what waits longest first."""
    if not rules.may(user, "requests"):
        return HelpRequest.objects.none()
    found = HelpRequest.objects.filter(
        organisation=user.organisation_id,
        citizen__in=rules.visible_citizens(user, now, "look-request"),
    )
    if state == UNSORTED:
        found = found.filter(sorting="", answered=None)
    elif state == OPEN:
        found = found.filter(answered=None)
    elif state == MINE:
        found = found.filter(answered=None, owner=user)
    elif state == ANSWERED:
        return _related(found.exclude(answered=None)).order_by("-answered", "pk")
    return _related(found).order_by("at", "pk")


def asked_by(user: User, now: Instant) -> QuerySet[HelpRequest]:
    """What the user's practice or hospital asked, about citizens it may see: newest first."""
    if not rules.may(user, "requests"):
        return HelpRequest.objects.none()
    found = HelpRequest.objects.filter(
        asking=user.organisation_id, citizen__in=rules.visible_citizens(user, now, "look-request")
    )
    return _related(found).order_by("-at", "pk")


def of_citizen(user: User, citizen: Citizen, now: Instant) -> QuerySet[HelpRequest]:
    """The requests about one citizen that the user may see: newest first.

    Who asked sees their own, the municipality those it was asked, the citizen and relatives all.
    """
    if not rules.relation(user, citizen, now, "look-request"):
        return HelpRequest.objects.none()
    found = HelpRequest.objects.filter(citizen=citizen)
    if user.role not in (User.Role.CITIZEN, User.Role.RELATIVE):
        found = found.filter(Q(organisation=user.organisation_id) | Q(asking=user.organisation_id))
    return _related(found).order_by("-at", "pk")


def _related(found: QuerySet[HelpRequest]) -> QuerySet[HelpRequest]:
    return found.select_related("citizen", "owner", "asking", "organisation", "asker")


def rows(requests: Iterable[HelpRequest]) -> list[Row]:
    """The list, with when the next step is owed."""
    wanted = list(requests)
    due = _due(wanted)
    return [
        Row(one, " ".join(unseal(bytes(one.content)).get("text", "").split()), due.get(one.key))
        for one in wanted
    ]


def open_request(user: User, key: str, now: Instant) -> HelpRequest:
    """One request, with the look written down.

    Raises:
        Http404: when there is none, or the user may not see it: the answer does not tell which.
    """
    found = _related(HelpRequest.objects.filter(pk=key)).first()
    if found is None or not of_citizen(user, found.citizen, now).filter(pk=key).exists():
        raise Http404
    rules.look(user, found.citizen, "look-request", f"request {key}", now)
    return found


def whole(found: HelpRequest) -> Whole:
    """Everything about a request that was opened."""
    said = unseal(bytes(found.content))
    steps = []
    for step in found.steps.order_by("number"):
        held = unseal(bytes(step.content) if step.content else None)
        steps.append(Shown(step, held.get("text", ""), held.get("authority", "")))
    return Whole(
        found,
        said.get("text", ""),
        said.get("name", ""),
        said.get("phone", ""),
        steps,
        _due([found]).get(found.key),
    )


def is_asked(user: User) -> bool:
    """Whether the user works where requests are sorted."""
    place = user.organisation
    return rules.may(user, "requests") and place is not None and place.role == Organisation.Role.MUNICIPALITY


def _due(requests: list[HelpRequest]) -> dict[str, Instant]:
    """When the next step of each is owed: the earliest limit of what runs in the request's pathway."""
    ways = {f"{one.citizen_id}{HELP}{one.key}": one.key for one in requests if one.answered is None}
    found: dict[str, Instant] = {}
    running = Obligation.objects.filter(pathway__in=ways, outcome="", withdrawn=False, due__isnull=False)
    for pathway, due in running.values_list("pathway", "due"):
        key = ways[pathway]
        if due is not None and due <= found.get(key, due):
            found[key] = due
    return found
