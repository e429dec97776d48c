"""What `naer agreement try` prints: the obligations of a timeline, as a table or as json."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from naer.agreement.obligation import UNKNOWN, Obligation, ResolvedParty
from naer.agreement.portfolio import Line
from naer.events.calendar import end_of_day
from naer.events.instant import HOUR, MINUTE, Instant, local, local_date
from naer.events.log import Ledger

_HEAD = ("clause", "opened by", "owed by → to", "due", "outcome", "elapsed")


@dataclass(frozen=True, slots=True)
class Trial:
    """What a timeline gave: obligations in the order of their triggers, and what was left out."""

    line: Line
    now: Instant | None
    """None judges a finished story, after every due."""
    obligations: list[Obligation]
    excluded: Ledger


def table(trial: Trial) -> str:
    """Aligned columns, times local; below them what was left out and which limits are unverified."""
    zone = trial.line.zone
    rows = [_row(obligation, zone) for obligation in trial.obligations]
    lines = _aligned([_HEAD, *rows]) if rows else ["No obligations: nothing in the timeline opens one."]
    lines += [
        f"Left out, {row['reason']}: {row['events']} event(s) in {row['pathways']} pathway(s)"
        for row in trial.excluded.rows()
    ]
    if any(not obligation.verified for obligation in trial.obligations):
        lines.append("* limit unverified: it has not been confirmed at the source")
    if any(obligation.partial and obligation.outcome == "missing" for obligation in trial.obligations):
        lines.append("not recorded: evidence is partial, so that nothing recorded is no breach")
    return "\n".join(lines)


def values(trial: Trial) -> dict[str, Any]:
    """Plain values for json: times in ISO 8601 with the offset, lengths in minutes."""
    zone = trial.line.zone
    return {
        "agreement": trial.line.id,
        "now": _iso(trial.now, zone),
        "obligations": [_values(obligation, zone) for obligation in trial.obligations],
        "excluded": trial.excluded.rows(),
    }


def _values(obligation: Obligation, zone: ZoneInfo) -> dict[str, Any]:
    trigger, closed = obligation.trigger, obligation.closed_by
    return {
        "clause": obligation.clause,
        "version": obligation.version.isoformat() if obligation.version else None,
        "trigger": {"id": trigger.id, "kind": trigger.kind, "at": _iso(trigger.at, zone)},
        "pathway": obligation.pathway,
        "owed_by": {"role": obligation.owed_by.role, "key": obligation.owed_by.key},
        "owed_to": {"role": obligation.owed_to.role, "key": obligation.owed_to.key},
        "start": _iso(obligation.start, zone),
        "due": _iso(obligation.due, zone),
        "outcome": obligation.outcome,
        "ended": obligation.ended,
        "closed_by": {"id": closed.id, "kind": closed.kind, "at": _iso(closed.at, zone)} if closed else None,
        "elapsed_minutes": _minutes(obligation.elapsed),
        "paused_minutes": _minutes(obligation.paused),
        "working_minutes": _minutes(obligation.working),
        "verified": obligation.verified,
        "partial": obligation.partial,
        "escalations": [
            {"step": step.step, "at": _iso(step.at, zone), "to": step.to} for step in obligation.escalations
        ],
    }


def _row(obligation: Obligation, zone: ZoneInfo) -> tuple[str, ...]:
    outcome = obligation.outcome
    if outcome == "missing" and obligation.partial:
        outcome = "not recorded"
    return (
        obligation.clause,
        f"{_clock(obligation.trigger.at, zone)} {obligation.trigger.kind}",
        f"{_party(obligation.owed_by)} → {_party(obligation.owed_to)}",
        "none yet" if obligation.due is None else _clock(obligation.due, zone),
        outcome + (", ended" if obligation.ended else "") + ("" if obligation.verified else " *"),
        "" if obligation.elapsed is None else _length(obligation.elapsed),
    )


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _party(party: ResolvedParty) -> str:
    if party.key == UNKNOWN or not party.role:
        return party.role or party.key
    return party.role if party.role == "citizen" else f"{party.role} {party.key}"


def _clock(instant: Instant, zone: ZoneInfo) -> str:
    """Local to the minute; seconds only where there are any; the end of a day as 24:00."""
    day = local_date(instant, zone)
    if instant == end_of_day(day, zone):
        return f"{day} 24:00"
    moment = local(instant, zone)
    whole = moment.second == 0 and moment.microsecond == 0
    return moment.strftime("%Y-%m-%d %H:%M" if whole else "%Y-%m-%d %H:%M:%S")


def _iso(instant: Instant | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else local(instant, zone).isoformat()


def _minutes(length: int | None) -> float | int | None:
    """Minutes, whole where they are."""
    if length is None:
        return None
    whole, rest = divmod(length, MINUTE)
    return whole if not rest else length / MINUTE


def _length(length: int) -> str:
    hours, rest = divmod(length, HOUR)
    minutes = rest // MINUTE
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
