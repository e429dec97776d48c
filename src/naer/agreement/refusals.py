"""What a clause may not say: contradictions that the language refuses, each with its line."""

from collections.abc import Callable, Iterable

from naer.agreement.deadlines import AtOnce, ByClock
from naer.agreement.document import Node
from naer.agreement.language import Clause, Pattern
from naer.agreement.reading_values import Notes

END_OF_DAY = 24 * 60
"""`24:00` in minutes: no start that day is later."""
_NOT_WITH_BEFORE = ("accept_earlier", "anchor", "start", "pause", "match")


def refuse(clause: Clause, notes: Notes) -> None:
    """Note every contradiction in a clause; a text clause has none."""
    given = {key: node for key, node in clause.node.items().items() if node.value is not None}
    if clause.is_text:
        for key in ("within", "before", "ahead", "since", "repeat", "pause", "match"):
            if key in given:
                notes.add(given[key], f"clause `{clause.id}` has `{key}` but no `after` and no `deliver`")
        return

    def at(key: str) -> Node:
        return given.get(key, clause.node)

    if "deliver" not in given:
        notes.add(clause.node, f"clause `{clause.id}` needs `deliver`: what fulfils it")
    if "after" not in given and "before" not in given:
        notes.add(clause.node, f"clause `{clause.id}` needs `after` or `before`: what opens it")
    if "within" in given and "before" in given:
        notes.add(at("before"), f"clause `{clause.id}` has both `within` and `before`; keep one")
    if "within" not in given and "before" not in given:
        notes.add(clause.node, f"clause `{clause.id}` needs `within` or `before`: when it is due")
    if "ahead" in given and "before" not in given:
        notes.add(at("ahead"), f"clause `{clause.id}`: `ahead` goes with `before`")
    if "before" in given:
        for key in _NOT_WITH_BEFORE:
            if key in given:
                notes.add(at(key), f"clause `{clause.id}`: `{key}` cannot stand with `before`")
        if clause.repeat == "restart":
            notes.add(at("repeat"), f"clause `{clause.id}`: `repeat: restart` cannot stand with `before`")
    if clause.pause and isinstance(clause.within, ByClock | AtOnce):
        notes.add(
            at("pause"),
            f"clause `{clause.id}`: `pause` needs a duration in `within`, "
            "not a clock time or `at once` (S18)",
        )
    if clause.match and (clause.repeat != "each" or clause.accept_earlier):
        notes.add(
            at("match"),
            f"clause `{clause.id}`: `match` stands only with `repeat: each` "
            "and without `accept_earlier` (S26)",
        )
    _kinds_apart(clause, at, notes)
    _warn(clause, at, notes)


def _kinds_apart(clause: Clause, at: Callable[[str], Node], notes: Notes) -> None:
    roles: dict[str, Iterable[Pattern]] = {
        "deliver": clause.deliver,
        "unless": clause.unless,
        "before": (clause.before,) if clause.before else (),
    }
    seen: dict[str, str] = {}
    for role, patterns in roles.items():
        for activity in sorted({activity for pattern in patterns for activity in pattern.activities}):
            other = seen.setdefault(activity, role)
            if other != role:
                notes.add(
                    at(role), f"clause `{clause.id}`: `{activity}` stands in both `{other}` and `{role}`"
                )


def _warn(clause: Clause, at: Callable[[str], Node], notes: Notes) -> None:
    within = clause.within
    if (
        isinstance(within, ByClock)
        and within.days == 0
        and within.minute < END_OF_DAY
        and not clause.next_opening
    ):
        notes.add(
            at("within"),
            f"clause `{clause.id}`: a start later than the time in `within` is overdue from the start; "
            "if the agreement means otherwise, write `start: next opening` or `next day` (S15)",
            warning=True,
        )
