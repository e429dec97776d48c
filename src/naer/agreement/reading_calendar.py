"""`calendars:` — opening hours and working days."""

from naer.agreement.deadlines import clock_minute
from naer.agreement.document import Node
from naer.agreement.reading_values import Notes, choice, date_mark, keys, some, weekdays, written
from naer.events.calendar import DayMark, WorkCalendar

KEYS = ("days", "hours", "holidays", "add", "remove")
_ALL_DAY = (0, 1440)


def calendar(node: Node, country: str, what: str, notes: Notes) -> WorkCalendar:
    """{days, hours, holidays, add, remove}; `add` makes dates days off, `remove` working days again."""
    entries = keys(node, KEYS, what, notes)
    hours = _hours(entries, what, notes)
    if not hours:
        notes.add(node, f"{what} is never open; give `days` and `hours`")
        hours = dict.fromkeys(range(5), _ALL_DAY)
    public = "holidays" not in entries or (
        choice(entries["holidays"], ("public", "none"), f"{what}.holidays", notes) == "public"
    )
    return WorkCalendar(
        country=country,
        hours=hours,
        public=public,
        closed=_dates(entries.get("add"), f"{what}.add", notes),
        open=_dates(entries.get("remove"), f"{what}.remove", notes),
    )


def _hours(entries: "dict[str, Node] | object", what: str, notes: Notes) -> dict[int, tuple[int, int]]:
    given = entries if isinstance(entries, dict) else {}
    days: tuple[int, ...] | None = None
    if "days" in given:
        days = tuple(
            number
            for one in some(given["days"], f"{what}.days", notes)
            for number in written(one, weekdays, f"{what}.days", notes) or ()
        )
    hours = given.get("hours")
    if hours is None:
        return dict.fromkeys(days or range(5), _ALL_DAY)
    if not hours.is_mapping:
        span = written(hours, _span, f"{what}.hours", notes) or _ALL_DAY
        return dict.fromkeys(days or range(5), span)
    found: dict[int, tuple[int, int]] = {}
    for name, value in hours.items().items():
        try:
            numbers = weekdays(name)
        except ValueError as error:
            notes.add(value, f"{what}.hours: {error}")
            continue
        if value.value is not None:
            found |= dict.fromkeys(numbers, written(value, _span, f"{what}.hours", notes) or _ALL_DAY)
    return found if days is None else {number: span for number, span in found.items() if number in days}


def _span(text: str) -> tuple[int, int]:
    opening, dash, closing = text.replace("–", "-").partition("-")
    first, last = clock_minute(opening.strip()), clock_minute(closing.strip() if dash else "")
    if last <= first:
        raise ValueError(f"{text!r}: closing must be after opening, on the same day; write 08:00-16:00")
    return first, last


def _dates(node: Node | None, what: str, notes: Notes) -> frozenset[DayMark]:
    if node is None or node.value is None:
        return frozenset()
    return frozenset(mark for one in node.each() if (mark := written(one, date_mark, what, notes)))
