"""Everything that is done about a deviation: each checks access, keeps what was said, and leaves its trace.

One transaction each. What was said is never changed: a later answer or suggestion stands beside the earlier.
With a citizen, that it was raised, answered, agreed and closed are events too; what was written is in none.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import CANCELLED
from naer.site.access import deviations as access
from naer.site.accounts.models import Organisation, User
from naer.site.deviations import classes, sealed, tellers
from naer.site.deviations.models import Breach, Contribution, Deviation
from naer.site.pathways import actions as pathway_actions
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from naer.site.pathways.repeats import TWICE
from naer.site.pathways.state import State as CitizenState

State, Turn = Deviation.State, Deviation.Turn
SOURCE = "deviation"
"""`Event.source` of what is done here: it is not taken back as something recorded by hand is."""
_RUNNING = (State.OPEN, State.ANSWERED, State.AGREED)
_AGAIN = frozenset({"answer", "note", "suggest", "tell"})
"""What can be said of a deviation more than once."""


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


@dataclass(frozen=True, slots=True)
class Measure:
    """What is learnt and done. It is shown without names to others, once both have agreed to it."""

    learning: str
    measure: str
    cause: str
    by: Instant | None = None
    """When the measure is to stand."""


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
        _say(found, user, "raise", report.written, now)
        _tell_log(found, user, "deviation_raised", now, new_id)
        access.trace(user, found, "raise-deviation", relation, now)
    return found


def take_up(user: User, key: str, report: Report, *, now: Instant, new_id: NewId) -> Deviation:
    """Raise what missed obligations proposed; the other party stays the one that owed them."""
    report.check(now)

    def do(found: Deviation) -> None:
        _only(found, State.PROPOSED)
        if report.counterpart != found.counterpart_id:
            raise ActionRefusedError("the other party is the one that owed it")
        clause = (found.agreement, found.clause, found.version)
        _take(found, report, now)
        found.agreement, found.clause, found.version = clause
        found.raised, found.raiser_owner = now, user.username
        _say(found, user, "raise", report.written, now)
        _tell_log(found, user, "deviation_raised", now, new_id)

    return _act(user, key, "raise-deviation", do, now)


def dismiss(user: User, key: str, why: str, *, now: Instant) -> Deviation:
    """Leave a proposal: it is no deviation, or not worth one."""

    def do(found: Deviation) -> None:
        _only(found, State.PROPOSED)
        found.state, found.turn, found.closed = State.DISMISSED, Turn.NOBODY, now
        _say(found, user, "dismiss", {"text": _needed(why)}, now)

    return _act(user, key, "raise-deviation", do, now)


def withdraw(user: User, key: str, why: str, *, now: Instant, new_id: NewId) -> Deviation:
    """The raiser takes it back before it is agreed on; what was said stays."""

    def do(found: Deviation) -> None:
        _only(found, State.OPEN, State.ANSWERED)
        if not access.is_raiser(user, found):
            raise ActionRefusedError("only who raised it can withdraw it")
        found.state, found.turn, found.closed = State.WITHDRAWN, Turn.NOBODY, now
        _say(found, user, "withdraw", {"text": _needed(why)}, now)
        _tell_log(found, user, CANCELLED, now, new_id)

    return _act(user, key, "close-deviation", do, now)


def own(user: User, key: str, *, now: Instant) -> Deviation:
    """Follow it up for one's own organisation; another who did is relieved."""

    def do(found: Deviation) -> None:
        _only(found, *_RUNNING)
        _set_owner(found, user)
        _say(found, user, "own", {}, now)

    return _act(user, key, "answer-deviation", do, now)


def answer(user: User, key: str, text: str, cause: str, *, now: Instant, new_id: NewId) -> Deviation:
    """The other party says how it sees it, and why it happened. A later answer stands beside the first."""

    def do(found: Deviation) -> None:
        _only(found, State.OPEN, State.ANSWERED)
        if access.is_raiser(user, found):
            raise ActionRefusedError("the other party answers")
        if cause not in classes.CAUSES:
            raise ActionRefusedError("there is no such class")
        first = found.answered is None
        found.state, found.turn = State.ANSWERED, Turn.BOTH
        found.answered = found.answered or now
        found.counterpart_owner = found.counterpart_owner or user.username
        _say(found, user, "answer", {"text": _needed(text), "cause": cause}, now)
        if first:
            _tell_log(found, user, "deviation_answered", now, new_id)

    return _act(user, key, "answer-deviation", do, now)


def note(user: User, key: str, text: str, *, now: Instant) -> Deviation:
    """Write something to the other party about it."""

    def do(found: Deviation) -> None:
        _only(found, *_RUNNING)
        _say(found, user, "note", {"text": _needed(text)}, now)

    return _act(user, key, "answer-deviation", do, now)


def suggest(user: User, key: str, measure: Measure, *, now: Instant) -> Deviation:
    """Suggest what is learnt and done; the other party agrees to it, or suggests something else."""

    def do(found: Deviation) -> None:
        _only(found, State.ANSWERED)
        if measure.cause not in classes.CAUSES:
            raise ActionRefusedError("there is no such class")
        content = {
            "learning": _needed(measure.learning),
            "measure": _needed(measure.measure),
            "cause": measure.cause,
            "by": measure.by,
        }
        found.turn = Turn.COUNTERPART if access.is_raiser(user, found) else Turn.RAISER
        _say(found, user, "suggest", content, now)

    return _act(user, key, "answer-deviation", do, now)


def accept(user: User, key: str, suggestion: int, *, now: Instant, new_id: NewId) -> Deviation:
    """Agree to the other party's latest suggestion, as it is written.

    Raises:
        ActionRefusedError: when it is one's own, or no longer the latest.
    """

    def do(found: Deviation) -> None:
        _only(found, State.ANSWERED)
        latest = found.said.filter(act="suggest").order_by("-pk").first()
        if latest is None or latest.pk != suggestion or latest.organisation_id == user.organisation_id:
            raise ActionRefusedError("that is not the other party's latest suggestion")
        said = sealed.read(bytes(latest.content))
        found.state, found.turn, found.agreed = State.AGREED, Turn.BOTH, now
        found.cause, found.measure_by = said["cause"], said["by"]
        _say(found, user, "accept", {"suggestion": latest.pk}, now)
        _tell_log(found, user, "deviation_agreed", now, new_id)

    return _act(user, key, "answer-deviation", do, now)


def close(user: User, key: str, effect: str, *, now: Instant, new_id: NewId) -> Deviation:
    """Close it on one's own side, with what came of the measure; it is closed when both have."""

    def do(found: Deviation) -> None:
        _only(found, State.AGREED)
        mine, other = access.sides(user, found)
        if getattr(found, f"{mine}_closed") is not None:
            raise ActionRefusedError("it is closed on this side already")
        setattr(found, f"{mine}_closed", now)
        _say(found, user, "close", {"text": _needed(effect)}, now)
        if getattr(found, f"{other}_closed") is None:
            found.turn = Turn(other)
            return
        found.state, found.turn, found.closed = State.CLOSED, Turn.NOBODY, now
        _tell_log(found, user, "deviation_closed", now, new_id)

    return _act(user, key, "close-deviation", do, now)


def told_authority(user: User, key: str, at: Instant, text: str, *, now: Instant) -> Deviation:
    """Write down that the authority was told of a serious one: Naer reminds, and reports nothing itself."""

    def do(found: Deviation) -> None:
        if found.severity != classes.SERIOUS or found.state in (State.PROPOSED, State.DISMISSED):
            raise ActionRefusedError("only a serious one is told to an authority")
        if at > now:
            raise ActionRefusedError("this lies in the future")
        found.authority_told = at if found.authority_told is None else min(found.authority_told, at)
        _say(found, user, "tell", {"text": text.strip(), "at": at}, now)

    return _act(user, key, "answer-deviation", do, now)


# ------------------------------------------------------------------ inside


def _act(user: User, key: str, action: str, do: Callable[[Deviation], None], now: Instant) -> Deviation:
    """Lock it, check access, do it, and leave the trace."""
    with transaction.atomic():
        found = Deviation.objects.select_for_update(of=("self",)).select_related("citizen").get(pk=key)
        relation = access.require(user, found, action, now)
        do(found)
        found.save()
        access.trace(user, found, action, relation, now)
    return found


def _just_raised(
    own: Organisation, other: Organisation, citizen: Citizen | None, report: Report, now: Instant
) -> Deviation | None:
    """The same report moments ago: a button pressed twice. The next who asks waits for this one's commit."""
    Organisation.objects.select_for_update().get(pk=own.pk)
    lately = Contribution.objects.filter(
        act="raise", at__gt=now - TWICE, deviation__raised_by=own, deviation__counterpart=other,
        deviation__citizen=citizen, deviation__happened=report.happened, deviation__harm=report.harm,
        deviation__severity=report.severity, deviation__asked_by=report.asked_by,
        deviation__state__in=_RUNNING,
    ).select_related("deviation")  # fmt: skip
    return next((one.deviation for one in lately if sealed.read(bytes(one.content)) == report.written), None)


def _only(found: Deviation, *states: str) -> None:
    if found.state not in states:
        raise ActionRefusedError("it has moved on; read it again")


def _needed(text: str) -> str:
    if not text.strip():
        raise ActionRefusedError("a text is needed")
    return text.strip()


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


def _set_owner(found: Deviation, user: User) -> None:
    mine, _ = access.sides(user, found)
    setattr(found, f"{mine}_owner", user.username)


def _say(found: Deviation, user: User, act: str, content: Mapping[str, Any], now: Instant) -> None:
    """Keep what was said, and tell the other party: once, though the button was pressed twice."""
    if act in _AGAIN and _just_said(found, user, act, content, now):
        return
    said = Contribution.objects.create(
        deviation=found,
        at=now,
        by=user.username,
        organisation=user.organisation,
        act=act,
        content=sealed.seal(content),
    )
    tellers.tell(found, said, user, now)
    if act == "raise" and found.severity == classes.SERIOUS:
        tellers.serious(found, now)


def _just_said(found: Deviation, user: User, act: str, content: Mapping[str, Any], now: Instant) -> bool:
    """Whether the last that was said of it is the same, by the user's organisation, moments ago."""
    last = found.said.order_by("-pk").first()
    return (
        last is not None
        and (last.act, last.organisation_id) == (act, user.organisation_id)
        and last.at > now - TWICE
        and sealed.read(bytes(last.content)) == content
    )


def _tell_log(found: Deviation, user: User, kind: str, now: Instant, new_id: NewId) -> None:
    """The event that says so, in the citizen's pathway; nothing about nobody."""
    if found.citizen_id is None:
        return
    if not found.pathway:
        last = LoggedEvent.objects.filter(citizen=found.citizen_id).order_by("-seq").first()
        found.pathway = last.pathway if last else f"{found.citizen_id}.{new_id()}"
    other = found.counterpart if access.is_raiser(user, found) else found.raised_by
    said = {
        "by": user.name,
        "deviation": found.key,
        "raised_by": found.raised_by.role,
        "to": other.role,
    }
    if kind == "deviation_raised":
        said |= {"stage": found.stage, "harm": found.harm, "severity": found.severity}
        said |= {"departed_from": f"{found.agreement}/{found.clause}"} if found.clause else {}
    else:
        said |= {"answers": found.event}

    def make(state: CitizenState) -> list[Event]:
        event = Event(
            id=new_id(),
            pathway=found.pathway,
            citizen=state.key,
            kind=kind,
            at=now,
            sent=now,
            received=now,
            organisation=user.organisation_id,
            municipality=state.municipality,
            attributes={"by": said["by"]} if kind == CANCELLED else said,
            source=SOURCE,
            changes=found.event if kind == CANCELLED else None,
        )
        return [event]

    (event,) = pathway_actions.append(user, found.citizen_id, make, now=now)
    if kind == "deviation_raised":
        found.event = str(event.id)
        Deviation.objects.filter(pk=found.pk).update(event=found.event, pathway=found.pathway)
