"""What a replay reports: how each clause was met, in all and in groups.

Times are exact: quantiles are computed in whole microseconds and become hours in the last step.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from zoneinfo import ZoneInfo

import msgspec

from naer.agreement.obligation import UNKNOWN, Obligation, ResolvedParty
from naer.events.instant import HOUR, local

OUTCOMES = ("kept", "late", "missing", "open", "released", "superseded")
MEDIAN, P90 = Fraction(1, 2), Fraction(9, 10)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Group = tuple[str | None, ...]
"""One value for each name grouped by; None where the trigger has none."""


class Tally(msgspec.Struct, frozen=True):
    """How one clause was met, in all (`group` empty) or in one group.

    triggered = kept + late + missing + open + released + superseded, always.
    """

    clause: str
    group: Group
    triggered: int
    kept: int
    late: int
    missing: int
    open: int
    released: int
    superseded: int
    median_hours: float | None
    """Elapsed time of kept and late, hours; None when there are none (S33)."""
    p90_hours: float | None

    def __post_init__(self) -> None:
        if self.triggered != sum(getattr(self, outcome) for outcome in OUTCOMES):
            raise AssertionError(f"clause {self.clause}: triggered is not the sum of the outcomes")

    @property
    def share_kept(self) -> float | None:
        """kept / (kept + late + missing); None when there are none (S34)."""
        judged = self.kept + self.late + self.missing
        return self.kept / judged if judged else None


def report(
    obligations: Iterable[Obligation], clauses: Sequence[str], zone: ZoneInfo, by: Sequence[str] = ()
) -> list[Tally]:
    """One tally for each clause, in the order given, or with `by` one for each clause and group.

    `by` holds names of GROUPINGS, all as at the trigger and local in `zone`; any other name is an
    attribute of the trigger. Without `by`, a clause that was never triggered has its tally of zeros.
    """
    keys = [_grouping(name, zone) for name in by]
    sorted_out: dict[str, dict[Group, list[Obligation]]] = {clause: {} for clause in clauses}
    for obligation in obligations:
        group = tuple(key(obligation) for key in keys)
        sorted_out.setdefault(obligation.clause, {}).setdefault(group, []).append(obligation)
    tallies = []
    for clause, groups in sorted_out.items():
        if not by:
            groups.setdefault((), [])
        tallies += [_tally(clause, group, groups[group]) for group in sorted(groups, key=place_of)]
    return tallies


def quantile(sorted_values: Sequence[int], share: Fraction) -> Fraction | None:
    """The quantile of whole numbers, linear between the two nearest ranks; None of nothing (S33)."""
    if not sorted_values:
        return None
    place = (len(sorted_values) - 1) * share
    below = place.numerator // place.denominator
    if below == place:
        return Fraction(sorted_values[below])
    low, high = sorted_values[below], sorted_values[below + 1]
    return low + (high - low) * (place - below)


def _tally(clause: str, group: Group, obligations: list[Obligation]) -> Tally:
    counts = dict.fromkeys(OUTCOMES, 0)
    elapsed = []
    for obligation in obligations:
        counts[obligation.outcome] += 1
        if obligation.outcome in ("kept", "late") and obligation.elapsed is not None:
            elapsed.append(obligation.elapsed)
    elapsed.sort()
    return Tally(
        clause,
        group,
        len(obligations),
        **counts,
        median_hours=_hours(quantile(elapsed, MEDIAN)),
        p90_hours=_hours(quantile(elapsed, P90)),
    )


def _hours(microseconds: Fraction | None) -> float | None:
    return None if microseconds is None else float(microseconds / HOUR)


def place_of(group: Group) -> list[tuple[bool, str]]:
    """What groups are sorted by: their values as text, none last."""
    return [(value is None, value or "") for value in group]


GROUPINGS: dict[str, Callable[[Obligation, ZoneInfo], str | None]] = {
    "municipality": lambda obligation, _: obligation.trigger.municipality,
    "organisation": lambda obligation, _: obligation.trigger.organisation,
    "hospital": lambda obligation, _: _with_role(obligation, "hospital"),
    "gp": lambda obligation, _: _with_role(obligation, "gp"),
    "owed_by": lambda obligation, _: _known(obligation.owed_by),
    "owed_to": lambda obligation, _: _known(obligation.owed_to),
    "kind": lambda obligation, _: obligation.trigger.kind,
    "month": lambda obligation, zone: local(obligation.trigger.at, zone).strftime("%Y-%m"),
    "year": lambda obligation, zone: local(obligation.trigger.at, zone).strftime("%Y"),
    "weekday": lambda obligation, zone: DAYS[local(obligation.trigger.at, zone).weekday()],
    "version": lambda obligation, _: shown(obligation.version),
    "verified": lambda obligation, _: shown(obligation.verified),
    "evidence": lambda obligation, _: "partial" if obligation.partial else "complete",
}
"""What obligations can be grouped by, besides the attributes of their triggers. The last three are the
clause's: the `valid: from` of the agreement's version, `true` or `false`, and `complete` or `partial`."""


def _grouping(name: str, zone: ZoneInfo) -> Callable[[Obligation], str | None]:
    known = GROUPINGS.get(name)
    if known is None:
        return lambda obligation: shown(obligation.trigger.attributes.get(name))
    return lambda obligation: known(obligation, zone)


def _known(party: ResolvedParty) -> str | None:
    return None if party.key == UNKNOWN else party.key


def _with_role(obligation: Obligation, role: str) -> str | None:
    parties = (obligation.owed_by, obligation.owed_to)
    return next((_known(party) for party in parties if party.role == role), None)


def shown(value: object) -> str | None:
    """A value as the name of a group."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
