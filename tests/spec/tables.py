"""Specification tables: a clause, and rows of what then happens and what it must mean.

A row is a story, the time it is judged at, and what is expected:

    then                               | now         | outcome | due
    10:00 admitted; 11:00 care_plan    | 03-30 12:00 | kept    | 03-30 10:00

A story is `TIME KIND {attributes}` separated by `;`. A time is `HH:MM`, `MM-DD HH:MM` or
`YYYY-MM-DD HH:MM`; what is left out is as in the entry before it, at first as the table's `day`.
Attributes are those of a timeline (`id`, `changes`, `pathway`, `sent`, … name the event's own fields).
Without `now` the story is finished: judged after every due.

Expectations: `outcome`, `due`, `start` (`-` is empty, `end of MM-DD` its last microsecond),
`elapsed`, `working` and `paused` in minutes, `ended`, `closed` (kind), `owed_by`, `owed_to`,
`version`, `fires` (escalation times), `ledger` (`reason N`). Several obligations stand in the order
of their triggers, separated by `;`; outcome `none` means that there are none.
"""

import datetime as dt
import re
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import pytest

from naer.agreement import Obligation, Portfolio
from naer.agreement.document import Node
from naer.agreement.reading_values import Notes
from naer.agreement.reading_yaml import parse
from naer.agreement.register import Register
from naer.agreement.shelf import Shelf
from naer.agreement.timeline import events, judge
from naer.events.event import Event
from naer.events.instant import DAY, MINUTE, ZONES, local
from naer.events.instant import parse as instant
from naer.events.log import Ledger

DK = ZONES["DK"]
_ENTRY = re.compile(r"\s*((?:\d{4}-)?\d\d-\d\d )?(\d\d:\d\d\S*)?\s*([a-z]\w*)\s*(\{.*\})?\s*\Z", re.DOTALL)
_OF_OBLIGATION = ("outcome", "due", "start", "elapsed", "working", "paused", "ended", "closed", "owed_by",
                  "owed_to", "version", "fires")  # fmt: skip


def portfolio(*documents: str) -> Portfolio:
    """The agreement that some YAML documents, its versions, describe."""
    shelf = Shelf([])
    for document in documents:
        node = parse(document, "spec.yaml")
        shelf.documents.setdefault(str(node.items()["agreement"].value), []).append(node)
    return shelf.portfolio(list(shelf.documents))


def agreement(clause: str, head: str = "", country: str = "DK") -> str:
    """A document with one clause."""
    lines = "\n".join(f"    {line}" for line in dedent(clause).strip().splitlines())
    top = f"agreement: spec\ncountry: {country}\n{head}\n"
    return f"{top}clauses:\n  - id: clause\n    source: the specification\n{lines}\n"


def story(*texts: str, day: str) -> list[Event]:
    """The events of some stories that together are one."""
    found: dict[str, list[Node]] = {}
    for text in texts:
        today, time = day, "00:00"
        for entry in filter(str.strip, re.split(r";(?![^{]*\})", text)):
            read = _ENTRY.match(entry)
            assert read, f"not TIME KIND {{attributes}}: {entry!r}"
            date, clock, kind, attributes = read.groups()
            today = _day(date.strip(), day) if date else today
            time = clock or time
            node = parse(f"{kind}: {attributes}" if attributes else kind, "story")
            found.setdefault(f"{today}T{time}", []).append(node)
    notes = Notes()
    timeline = Node({time: Node(nodes, "story", 1) for time, nodes in found.items()}, "story", 1)
    made = events(timeline, DK, notes)
    assert not notes.problems, notes.problems
    return made


def _day(text: str, day: str) -> str:
    return f"{day[:5]}{text}" if len(text) == 5 else text


def moment(text: str, day: str) -> int | None:
    """`HH:MM`, `MM-DD HH:MM`, `YYYY-MM-DD HH:MM`, `end of DATE` or `-`, local; an offset may follow."""
    text = text.strip()
    if text == "-":
        return None
    if text.startswith("end of "):
        midnight = dt.date.fromisoformat(_day(text.removeprefix("end of "), day)) + dt.timedelta(days=1)
        return instant(midnight.isoformat(), DK) - 1
    date, _, clock = text.rpartition(" ")
    return instant(f"{_day(date, day) if date else day}T{clock}", DK)


@dataclass(frozen=True)
class Case:
    """One row, and all that is needed to judge it."""

    documents: tuple[str, ...]
    given: str
    day: str
    row: dict[str, str]
    register: Register | None

    def check(self) -> None:
        """Judge the story and compare with every column of the row."""
        excluded = Ledger()
        told = story(self.given, self.row["then"], day=self.day)
        now = moment(self.row["now"], self.day) if self.row.get("now") else None
        found = judge(portfolio(*self.documents), told, now, self.register, excluded)
        if self.row.get("outcome") == "none":
            assert found == []
        for column in _OF_OBLIGATION:
            if column in self.row and self.row["outcome"] != "none":
                expected = [self._expected(column, part) for part in self.row[column].split(";")]
                assert [self._found(column, one) for one in found] == expected, column
        if "ledger" in self.row:
            counted = {str(row["reason"]): row["events"] for row in excluded.rows()}
            parts = (part.rpartition(" ") for part in self.row["ledger"].split(",") if part.strip())
            assert counted == {reason.strip(): int(count) for reason, _, count in parts}

    def _expected(self, column: str, text: str) -> Any:
        text = text.strip()
        if column in ("due", "start"):
            return shown(moment(text, self.day))
        if column == "fires":
            return [shown(moment(part, self.day)) for part in text.split(",") if part.strip()]
        if column in ("elapsed", "working", "paused"):
            return None if text == "-" else float(text.replace(",", ""))
        if column == "ended":
            return text == "yes"
        return None if text == "-" else text

    def _found(self, column: str, one: Obligation) -> Any:
        value = getattr(one, {"closed": "closed_by", "fires": "escalations"}.get(column, column))
        if column in ("due", "start"):
            return shown(value)
        if column == "fires":
            return [shown(step.at) for step in value]
        if column in ("elapsed", "working", "paused"):
            return None if value is None else value / MINUTE
        if column == "closed":
            return value.kind if value else None
        if column in ("owed_by", "owed_to"):
            return value.key
        return str(value) if column == "version" and value else value


def shown(time: int | None) -> str | None:
    """A time as people compare it."""
    return None if time is None else f"{local(time, DK).isoformat(' ')} ({time % DAY})"


def spec(
    clause: str | tuple[str, ...],
    table: str,
    *,
    given: str = "",
    day: str = "2026-03-02",
    head: str = "",
    country: str = "DK",
    register: Register | None = None,
) -> pytest.MarkDecorator:
    """Run a test once for each row of `table`; `clause` is one clause, or whole documents."""
    documents = clause if isinstance(clause, tuple) else (agreement(clause, head, country),)
    head_row, *rows = [line for line in table.strip().splitlines() if line.strip()]
    names = [name.strip() for name in head_row.split("|")]
    cases = []
    for line in rows:
        cells = [cell.strip() for cell in line.split("|")]
        assert len(cells) == len(names), line
        row = dict(zip(names, cells, strict=True))
        cases.append(
            pytest.param(Case(documents, given, day, row, register), id=" | ".join(filter(None, cells)))
        )
    return pytest.mark.parametrize("case", cases)
