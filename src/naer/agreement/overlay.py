"""Overlays: merging an agreement with what it extends (S7), and "tighter only" (S8)."""

from collections.abc import Iterator

from msgspec.structs import replace

from naer.agreement.deadlines import AtOnce, ByClock, Duration
from naer.agreement.document import Node, Problem
from naer.agreement.language import Agreement, Clause
from naer.agreement.reading_clause import loosened
from naer.agreement.reading_values import Notes
from naer.events.kinds import KINDS

_BY_NAME = ("parties", "calendars", "events")
_FREE = ("id", "title", "source", "verified", "escalate", "deviation", "examples")


def merged(base: Node, overlay: Node, notes: Notes) -> Node:
    """The overlay's document with everything it does not say taken from the base (S7)."""
    entries = dict(base.items())
    for key in ("extends", "valid", "applies", "agreement"):
        entries.pop(key, None)
    own = overlay.items()
    for key, node in own.items():
        if key == "clauses":
            continue
        if key in _BY_NAME and node.is_mapping and key in entries:
            entries[key] = Node({**entries[key].items(), **node.items()}, node.file, node.line)
        else:
            entries[key] = node
    clauses = own.get("clauses")
    if clauses is not None and "clauses" in entries:
        entries["clauses"] = _clauses(entries["clauses"], clauses, notes)
    elif clauses is not None:
        entries["clauses"] = clauses
    return Node(entries, overlay.file, overlay.line)


def _clauses(base: Node, overlay: Node, notes: Notes) -> Node:
    if not overlay.is_list:
        notes.add(overlay, "clauses must be a list; begin each with `- id:`")
        return base
    merged_clauses = {_id(node): node for node in base.each()}
    given: set[str] = set()
    for node in overlay.each():
        name = _id(node)
        if name in given:
            notes.add(node, f"clause `{name}` is there twice")
        given.add(name)
        inherited = merged_clauses.get(name)
        merged_clauses[name] = node if inherited is None else _clause(inherited, node, notes)
    return Node(list(merged_clauses.values()), overlay.file, overlay.line)


def _clause(base: Node, overlay: Node, notes: Notes) -> Node:
    """An overriding clause: given keys replace, null removes, examples are never inherited."""
    for key in ("source", "verified"):
        if key not in overlay.items():
            notes.add(overlay, f"clause `{_id(overlay)}` overrides a clause: give `{key}` anew (S7)")
    inherited = {key: node for key, node in base.items().items() if key != "examples"}
    entries = {**inherited, **overlay.items()}
    return Node(entries, overlay.file, overlay.line)


def inheriting(base: Agreement, made: Agreement) -> Agreement:
    """The merged agreement, where a clause of the base keeps its calendar.

    Without `calendar` a clause has its agreement's only one (S12). That is the agreement it comes from:
    one more calendar in an overlay moves no limit of the base.
    """
    clauses = []
    for clause in made.clauses:
        inherited = None if "calendar" in clause.node.items() else base.clause(clause.id)
        clauses.append(clause if inherited is None else replace(clause, calendar=inherited.calendar))
    return replace(made, clauses=tuple(clauses), applies=(*base.applies, *made.applies))


def _id(node: Node) -> str:
    found = node.items().get("id")
    return str(found.value) if found is not None else f"line {node.line}"


def looser(base: Agreement, overlay: Agreement, own: Node) -> Iterator[Problem]:
    """Every change of the overlay that the base does not allow (S8)."""
    if base.country != overlay.country:
        yield own.problem(f"`country` is {base.country} in `{base.id}`; an overlay cannot change it")
    entries = own.items()
    for key in _BY_NAME:
        inherited = base.node.items().get(key)
        for name, node in entries[key].items().items() if key in entries else ():
            before = inherited.items().get(name) if inherited else None
            if before is not None and before.plain() != node.plain():
                yield node.problem(f"{key}.{name} is given by `{base.id}`; an overlay cannot change it (S8)")
            elif before is None and key == "events" and name in KINDS and node.plain() not in (name, [name]):
                yield node.problem(
                    f"events.{name}: `{base.id}` means the vocabulary's `{name}`; an overlay gives own kinds "
                    "names of their own (S8)"
                )
    unless = base.node.items().get("unless")
    if "unless" in entries and entries["unless"].plain() != (unless.plain() if unless else None):
        yield entries["unless"].problem(f"`unless` is given by `{base.id}`; an overlay cannot change it (S8)")
    for node in entries["clauses"].each() if "clauses" in entries else ():
        before_clause, after_clause = base.clause(_id(node)), overlay.clause(_id(node))
        if before_clause is not None and after_clause is not None:
            yield from _looser_clause(before_clause, after_clause, node)


def _looser_clause(base: Clause, overlay: Clause, own: Node) -> Iterator[Problem]:
    allowed_node = base.node.items().get("may_loosen")
    allowed = loosened(allowed_node, Notes()) if allowed_node is not None else ()
    for key, node in own.items().items():
        inherited = base.node.items().get(key)
        same = (inherited.plain() if inherited is not None else None) == node.plain()
        if same or key in _FREE or key in allowed or _tighter(key, base, overlay):
            continue
        yield node.problem(
            f"clause `{base.id}`: an overlay may change `{key}` only where the base says "
            f"`may_loosen: [{key}]`; it may shorten `within` in the same unit and lengthen `ahead` (S8)"
        )


def _tighter(key: str, base: Clause, overlay: Clause) -> bool:
    """Whether a changed `within` or `ahead` only tightens."""
    if key == "within":
        if isinstance(base.within, AtOnce):
            return isinstance(overlay.within, Duration | ByClock)
        return _no_looser(base.within, overlay.within, shorter=True)
    if key == "ahead":
        if base.ahead is None:
            return overlay.ahead is not None
        return _no_looser(base.ahead, overlay.ahead, shorter=False)
    return False


def _no_looser(base: object, overlay: object, *, shorter: bool) -> bool:
    """Whether a length in the same unit, or a clock time on the same day, is no looser."""
    if isinstance(base, Duration) and isinstance(overlay, Duration):
        within = overlay.amount <= base.amount if shorter else overlay.amount >= base.amount
        return base.unit == overlay.unit and within
    if isinstance(base, ByClock) and isinstance(overlay, ByClock):
        same_day = (base.days, base.working) == (overlay.days, overlay.working)
        return same_day and overlay.minute <= base.minute
    return False
