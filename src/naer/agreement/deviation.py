"""When a breach is proposed as a deviation (S36): not every breach is one."""

from collections.abc import Iterable

from naer.agreement import deadlines
from naer.agreement.language import Clause, Threshold
from naer.events.calendar import WorkCalendar
from naer.events.instant import Instant


def since(clause: Clause, due: Instant) -> Instant | None:
    """From when on (microseconds) what was due at `due` and is not delivered may be proposed.

    None for a clause that proposes none: it says nothing of deviations, or its evidence is partial.
    """
    rule = clause.deviation
    if rule is None or clause.partial:
        return None
    return due if rule.over is None else deadlines.add(due, rule.over, clause.calendar)


def enough(rule: Threshold, dues: Iterable[Instant], calendar: WorkCalendar) -> list[Instant]:
    """Those of some breaches, by when they were due, that together are often enough; else none.

    They are all that were due within `within` up to the latest, the limit included.
    """
    found = sorted(dues)
    if rule.within is None or not found:
        return found
    first = deadlines.window_start(found[-1], rule.within, calendar)
    near = [due for due in found if due >= first]
    return near if len(near) >= rule.times else []
