"""An agreement file (merged with what it extends), from YAML to the model."""

from typing import Literal

from naer.agreement.document import Node
from naer.agreement.language import Agreement, Party
from naer.agreement.reading_calendar import calendar
from naer.agreement.reading_clause import Surroundings, clause
from naer.agreement.reading_values import Kinds, Notes, choice, conditions, day, keys, near, some, text, word
from naer.agreement.refusals import refuse
from naer.events.calendar import WorkCalendar
from naer.events.kinds import KINDS

AGREEMENT_KEYS = (
    "agreement", "title", "country", "extends", "valid", "applies", "parties", "calendars", "events",
    "unless", "clauses",
)  # fmt: skip


ROLES = tuple(sorted({role for kind in KINDS.values() for role in kind.senders}))
"""Roles that the vocabulary knows; a register may know others."""


def agreement(node: Node, notes: Notes) -> Agreement | None:
    """The agreement a document describes; None when it lacks what every agreement must have."""
    entries = {
        key: value
        for key, value in keys(node, AGREEMENT_KEYS, "an agreement", notes).items()
        if value.value is not None
    }
    missing = [key for key in ("agreement", "country", "clauses") if key not in entries]
    for key in missing:
        notes.add(node, f"an agreement needs `{key}`")
    if missing:
        return None
    country = choice(entries["country"], ("DK", "NO"), "country", notes) or "DK"
    kinds = Kinds(_events(entries.get("events"), notes))
    parties = _parties(entries.get("parties"), notes)
    calendars = {
        name: calendar(value, country, f"calendars.{name}", notes)
        for name, value in (entries["calendars"].items().items() if "calendars" in entries else ())
    }
    default = next(iter(calendars.values())) if len(calendars) == 1 else WorkCalendar(country)
    unless = kinds.patterns(entries["unless"], "unless", notes) if "unless" in entries else ()
    around = Surroundings(kinds, parties, calendars, default, unless)
    if not entries["clauses"].is_list:
        notes.add(entries["clauses"], "clauses must be a list; begin each with `- id:`")
        return None
    clauses = [made for one in entries["clauses"].each() if (made := clause(one, around, notes))]
    seen: set[str] = set()
    for made in clauses:
        if made.id in seen:
            notes.add(made.node, f"clause `{made.id}` is there twice")
        seen.add(made.id)
        refuse(made, notes)
    valid = keys(entries["valid"], ("from", "to"), "valid", notes) if "valid" in entries else {}
    starts = day(valid["from"], "valid.from", notes) if "from" in valid else None
    ends = day(valid["to"], "valid.to", notes) if "to" in valid else None
    if starts and ends and ends < starts:
        notes.add(entries["valid"], "valid: the last day is before the first")
    return Agreement(
        id=word(entries["agreement"], "agreement", notes) or "",
        title=text(entries["title"], "title", notes) if "title" in entries else {},
        country=country,
        clauses=tuple(clauses),
        node=node,
        extends=word(entries["extends"], "extends", notes) if "extends" in entries else None,
        starts=starts,
        ends=ends,
        version=starts,
        applies=conditions(entries["applies"], "applies", notes) if "applies" in entries else (),
        parties=parties,
        calendars=calendars,
        events=kinds.own,
    )


def _events(node: Node | None, notes: Notes) -> dict[str, tuple[str, ...]]:
    if node is None:
        return {}
    if not node.is_mapping:
        notes.add(node, "events must map own names to activity names, for example {er: ER Registration}")
    return {
        name: tuple(
            found
            for one in some(value, f"events.{name}", notes)
            if (found := word(one, f"events.{name}", notes))
        )
        for name, value in node.items().items()
    }


def _parties(node: Node | None, notes: Notes) -> dict[str, Party]:
    if node is None:
        return {}
    if not node.is_mapping:
        notes.add(node, "parties must map names to {is: role, of: residence | stay | event}")
        return {}
    found = {}
    for name, value in node.items().items():
        entries = keys(value, ("is", "of"), f"parties.{name}", notes)
        if not value.is_mapping:
            continue
        if "is" not in entries:
            notes.add(value, f"parties.{name} needs `is`: its role, such as hospital or municipality")
            continue
        role = word(entries["is"], f"parties.{name}.is", notes) or ""
        if role and role not in ROLES:
            notes.add(
                entries["is"],
                f"parties.{name}.is: no kind of event is said by a `{role}`{near(role, ROLES)}; "
                "the register must tell who has that role",
                warning=True,
            )
        of: Literal["residence", "stay", "event"] | None = (
            choice(entries["of"], ("residence", "stay", "event"), f"parties.{name}.of", notes)
            if "of" in entries
            else None
        )
        found[name] = Party(role, of or "event")
    return found
