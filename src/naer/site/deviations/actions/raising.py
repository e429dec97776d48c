"""A deviation is raised, taken up from a proposal or put aside, and withdrawn."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from naer.events.instant import Instant
from naer.events.log import CANCELLED
from naer.site.access import deviations as access
from naer.site.accounts.models import Organisation, User
from naer.site.deviations import classes, sealed
from naer.site.deviations.actions.common import act, needed, only, say, tell_log
from naer.site.deviations.models import RUNNING, Breach, Contribution, Deviation
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.models import Citizen, Obligation
from naer.site.pathways.repeats import TWICE

State, Turn = Deviation.State, Deviation.Turn


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reports. Texts are sealed; the rest is counted."""

    counterpart: str
    """Key of the other party."""
    stage: str
    harm: str
    severity: str
    cause: str
    happened: Instant
    what: str
    unit: str = ""
    """Ward or team where it happened."""
    done: str = ""
    """What was done at once."""
    agreement: str = ""
    clause: str = ""
    version: dt.date | None = None
    asked_by: Instant | None = None

    def check(self, now: Instant) -> None:
        """Raises ActionRefusedError when a class is none, or it has not happened yet."""
        classed = ((self.stage, classes.STAGES), (self.harm, classes.HARMS), (self.cause, classes.CAUSES))
        if any(name not in table for name, table in classed) or self.severity not in classes.SEVERITIES:
            raise ActionRefusedError("there is no such class")
        if self.harm in classes.GRAVE_HARMS and self.severity != classes.SERIOUS:
            raise ActionRefusedError("what harmed gravely is serious")
        if self.happened > now:
            raise ActionRefusedError("this lies in the future; report it when it has happened")
        if not self.what.strip():
            raise ActionRefusedError("say what happened")

    @property
    def written(self) -> dict[str, str]:
        return {"what": self.what.strip(), "unit": self.unit.strip(), "done": self.done.strip()}


def raise_deviation(
    user: User,
    citizen: Citizen | None,
    report: Report,
    *,
    now: Instant,
    new_id: NewId,
    obligation: Obligation | None = None,
) -> Deviation:
    """Raise a deviation with another organisation, about a citizen, or about nobody in particular.

    Raises:
        ActionRefusedError: when the report is wrong, the other party is no other, or the obligation is behind
            another deviation already.
        PermissionDenied: when nothing allows it.
    """
    report.check(now)
    with transaction.atomic():
        relation = access.require_raise(user, citizen, now)
        own, other = _parties(user, report.counterpart)
        if obligation is None and (twice := _just_raised(own, other, citizen, report, now)) is not None:
            return twice
        found = Deviation(
            key=new_id(),
            citizen=citizen,
            raised_by=own,
            counterpart=other,
            municipality=_place(citizen, own, other),
            raised=now,
            raiser_owner=user.username,
        )
        _take(found, report, now)
        if obligation is not None:
            found.pathway = obligation.pathway
        found.save(force_insert=True)
        if obligation is not None:
            if Breach.objects.filter(obligation=obligation).exists():
                raise ActionRefusedError("a deviation about this stands already")
            Breach.objects.create(deviation=found, obligation=obligation)
        say(found, user, "raise", report.written, now)
        tell_log(found, user, "deviation_raised", now, new_id)
        access.trace(user, found, "raise-deviation", relation, now)
    return found


def take_up(user: User, key: str, report: Report, *, now: Instant, new_id: NewId) -> Deviation:
    """Raise what missed obligations proposed; the other party stays the one that owed them."""
    report.check(now)

    def do(found: Deviation) -> None:
        only(found, State.PROPOSED)
        if report.counterpart != found.counterpart_id:
            raise ActionRefusedError("the other party is the one that owed it")
        clause = (found.agreement, found.clause, found.version)
        _take(found, report, now)
        found.agreement, found.clause, found.version = clause
        found.raised, found.raiser_owner = now, user.username
        say(found, user, "raise", report.written, now)
        tell_log(found, user, "deviation_raised", now, new_id)

    return act(user, key, "raise-deviation", do, now)


def dismiss(user: User, key: str, why: str, *, now: Instant) -> Deviation:
    """Leave a proposal: it is no deviation, or not worth one."""

    def do(found: Deviation) -> None:
        only(found, State.PROPOSED)
        found.state, found.turn, found.closed = State.DISMISSED, Turn.NOBODY, now
        say(found, user, "dismiss", {"text": needed(why)}, now)

    return act(user, key, "raise-deviation", do, now)


def withdraw(user: User, key: str, why: str, *, now: Instant, new_id: NewId) -> Deviation:
    """The raiser takes it back before it is agreed on; what was said stays."""

    def do(found: Deviation) -> None:
        only(found, State.OPEN, State.ANSWERED)
        if not access.is_raiser(user, found):
            raise ActionRefusedError("only who raised it can withdraw it")
        found.state, found.turn, found.closed = State.WITHDRAWN, Turn.NOBODY, now
        say(found, user, "withdraw", {"text": needed(why)}, now)
        tell_log(found, user, CANCELLED, now, new_id)

    return act(user, key, "close-deviation", do, now)


def _just_raised(
    own: Organisation, other: Organisation, citizen: Citizen | None, report: Report, now: Instant
) -> Deviation | None:
    """The same report moments ago: a button pressed twice. The next who asks waits for this one's commit."""
    Organisation.objects.select_for_update().get(pk=own.pk)
    lately = Contribution.objects.filter(
        act="raise", at__gt=now - TWICE, deviation__raised_by=own, deviation__counterpart=other,
        deviation__citizen=citizen, deviation__happened=report.happened, deviation__harm=report.harm,
        deviation__severity=report.severity, deviation__asked_by=report.asked_by,
        deviation__state__in=RUNNING,
    ).select_related("deviation")  # fmt: skip
    return next((one.deviation for one in lately if sealed.read(bytes(one.content)) == report.written), None)


def _parties(user: User, counterpart: str) -> tuple[Organisation, Organisation]:
    other = Organisation.objects.filter(pk=counterpart).first()
    if user.organisation is None or other is None or other.pk == user.organisation_id:
        raise ActionRefusedError("a deviation is between two organisations")
    return user.organisation, other


def _place(citizen: Citizen | None, own: Organisation, other: Organisation) -> str:
    if citizen is not None:
        return citizen.municipality
    town = next((one for one in (own, other) if one.role == Organisation.Role.MUNICIPALITY), own)
    return town.municipality


def _take(found: Deviation, report: Report, now: Instant) -> None:
    """Make it what was reported; it waits for the other party."""
    found.agreement, found.clause, found.version = report.agreement, report.clause, report.version
    found.stage, found.harm = report.stage, report.harm
    found.severity, found.cause = report.severity, report.cause
    found.happened, found.asked_by = report.happened, report.asked_by
    found.raised = now
    found.state, found.turn = State.OPEN, Turn.COUNTERPART
