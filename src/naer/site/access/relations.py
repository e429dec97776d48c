"""What each relation to a citizen means, as a condition on `Citizen` that the database asks.

A relation has a beginning and an end, so each asks about one instant. The keys of `table.RELATIONS`.
"""

from collections.abc import Callable

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from naer.events.instant import DAY, ZONES, Instant, local_date
from naer.events.log import CANCELLED
from naer.site.access.models import Block, Emergency, Grant
from naer.site.access.table import GRANTED, UNBLOCKED
from naer.site.accounts.models import User
from naer.site.agreements import clauses
from naer.site.entry import relations as entry
from naer.site.messaging import legal_basis
from naer.site.pathways.models import Case, LoggedEvent, Obligation
from naer.site.plans import relations as plans

Condition = Q | Exists
NOBODY = Q(pk__in=[])
"""No citizen."""

IN_HOSPITAL = ("acute-ambulant", "admitted", "on-leave")
"""The statuses of a citizen whose stay runs."""
AFTERWARDS = ("discharged", "deceased")
"""The statuses of one whose last stay has ended."""
STAY_KINDS = ("acute_ambulant", "admitted", "leave_started", "leave_ended", "discharged", "died")
"""What a hospital says of a stay: only such an event of its own gives it the relation."""


def condition(user: User, relations: tuple[str, ...], action: str, now: Instant) -> Q:
    """The citizens that `user` has one of `relations` to, less those who keep their organisation out.

    In an emergency the record opens all the same: that is what it is for, and it is told.
    """
    care, other = NOBODY, NOBODY
    for name in relations:
        found = Q(CONDITIONS[name](user, action, now))
        if name in UNBLOCKED:
            other |= found
        else:
            care |= found
    if user.organisation_id is None:
        return care | other
    return (care & ~blocked(user.organisation_id)) | other


def blocked(organisation: str) -> Exists:
    """The citizens that keep an organisation out."""
    return Exists(Block.objects.filter(organisation=organisation, citizen=OuterRef("pk"), lifted=None))


# ------------------------------------------------------------------ the relations, one by one


def _self(user: User, action: str, now: Instant) -> Condition:  # noqa: ARG001
    """The citizen themselves."""
    return Q(pk=user.citizen_id) if user.citizen_id else NOBODY


def _case(user: User, action: str, now: Instant) -> Condition:  # noqa: ARG001
    """An active case of a lawful kind in the municipality."""
    today = local_date(now, ZONES["DK"])
    organisation = user.organisation
    return Exists(
        Case.objects.filter(
            Q(closed=None) | Q(closed__gte=today),
            citizen=OuterRef("pk"),
            municipality=organisation.municipality if organisation else "",
            opened__lte=today,
            kind__in=legal_basis.lawful_kinds(today),
        )
    )


def _stay(user: User, action: str, now: Instant) -> Condition:  # noqa: ARG001
    """A stay at the hospital, or something still owed."""
    organisation = user.organisation_id or ""
    return _stayed(organisation, now) | _owes_or_is_owed(organisation, now)


def _stayed(organisation: str, now: Instant) -> Q:
    """Citizens with a stay at a hospital that runs, or ended less than `STAY_SIGHT_DAYS` ago.

    The status tells cheaply who can be meant: the log is asked about those only. A stay that runs began
    at the hospital itself when the event that set the status is the hospital's own.
    """
    since = now - settings.STAY_SIGHT_DAYS * DAY
    # Whose hospital the stay is stands with the citizen, from the same log: most are found by that alone.
    known = Q(stage_hospital=organisation) & (
        Q(status__in=IN_HOSPITAL) | Q(status__in=AFTERWARDS, status_since__gte=since)
    )
    told = _told(organisation)
    running = Q(status__in=IN_HOSPITAL) & Exists(told.filter(at__gte=OuterRef("status_since")))
    recent = Q(status__in=(*IN_HOSPITAL, *AFTERWARDS), status_since__gte=since)
    return known | running | (recent & Exists(told.filter(at__gte=since)))


def _told(organisation: str) -> QuerySet[LoggedEvent]:
    """What a hospital said of the stays of a citizen, less what it took back itself.

    A cancellation names the message before it in the chain: the event, or a correction of the event.
    """
    taken_back = Exists(
        LoggedEvent.objects.filter(
            citizen=OuterRef("citizen"), organisation=organisation, kind=CANCELLED, changes=OuterRef("id")
        )
    )
    corrections = LoggedEvent.objects.filter(citizen=OuterRef("citizen"), changes=OuterRef("id"))
    return LoggedEvent.objects.filter(
        citizen=OuterRef("pk"), organisation=organisation, kind__in=STAY_KINDS
    ).exclude(taken_back | Exists(corrections.filter(taken_back)))


def _owes_or_is_owed(organisation: str, now: Instant) -> Q:
    """Citizens about whom a hospital owes, or is owed, something that runs.

    What is past due and may have been done without a record (S31) is nothing that anybody waits for.
    """
    waits = Obligation.objects.filter(citizen=OuterRef("pk"), outcome="", withdrawn=False).exclude(
        clauses.among(clauses.partial()) & Q(due__lt=now)
    )
    # Asked citizen by citizen: a list of all of them would be made for each page.
    return Q(Exists(waits.filter(Q(owed_by=organisation) | Q(owed_to=organisation))))


def _gp(user: User, action: str, now: Instant) -> Condition:  # noqa: ARG001
    """The citizen's general practice."""
    return Q(gp=user.organisation_id or "")


def _coordinator(user: User, action: str, now: Instant) -> Condition:  # noqa: ARG001
    """Named as the citizen's coordinator, or as the deputy."""
    return plans.is_coordinator(user, now)


def _plan(user: User, action: str, now: Instant) -> Condition:  # noqa: ARG001
    """Takes part in the citizen's plan: the organisation, or a relative themselves."""
    if user.organisation_id is None:
        return plans.takes_part_in_person(user)
    return plans.takes_part(user.organisation_id)


def _asked(user: User, action: str, now: Instant) -> Condition:  # noqa: ARG001
    """The user's municipality was asked for help for them."""
    return entry.asked(user.organisation_id or "", now)


def _granted(user: User, action: str, now: Instant) -> Condition:
    """The citizen granted it to them."""
    parts = [part for part, allowed in GRANTED.items() if action in allowed]
    if not parts:
        return NOBODY
    holds = Q()
    for part in parts:
        holds |= Q(what__contains=f" {part} ")
    return Exists(
        Grant.objects.filter(
            holds, citizen=OuterRef("pk"), relative=user, ended=None, since__lte=now, until__gt=now
        )
    )


def _emergency(user: User, action: str, now: Instant) -> Condition:  # noqa: ARG001
    """Opened in an emergency, by this user for this organisation, and not over yet."""
    return Exists(
        Emergency.objects.filter(
            citizen=OuterRef("pk"),
            user=user,
            organisation=user.organisation_id or "",
            at__lte=now,
            until__gt=now,
        )
    )


CONDITIONS: dict[str, Callable[[User, str, Instant], Condition]] = {
    "self": _self,
    "case": _case,
    "stay": _stay,
    "gp": _gp,
    "coordinator": _coordinator,
    "plan": _plan,
    "asked": _asked,
    "granted": _granted,
    "emergency": _emergency,
}
"""Relation → the citizens a user has it to, for one action at one instant."""


def which(user: User, relations: tuple[str, ...], action: str, now: Instant) -> dict[str, Q]:
    """Each relation as a condition of its own: to tell which of them it was."""
    return {name: condition(user, (name,), action, now) for name in relations}
