"""What `naer log` says of a store: as plain values for JSON, and as tables for people."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from naer.cli.console import for_tables
from naer.events.instant import ZONES, local, text
from naer.events.instant import parse as parse_time
from naer.logs.quality import CHECKS
from naer.logs.store import Store
from naer.logs.store.sources import NO_TIME, NO_UTF8
from naer.logs.store.sources_files import Book
from naer.logs.store.sources_taking import REJECTED, SHOWN

if TYPE_CHECKING:
    from naer.logs.store.sources_append import Added

FIRST = 10
"""So many rejected rows are named."""
MOST = 0.5
"""A file of which so large a share is no events is spoken of."""
_KINDS = 20


def described(store: Store, quality: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that `naer log show --json` prints."""
    book = Book.of(store.manifest.provenance)
    takes = [take | {"clock": text(take["clock"])} for take in book.takes]
    return {
        "store": str(store.path),
        "digest": store.digest,
        "country": book.country,
        "events": store.events,
        "pathways": quality["pathways"],
        "from": quality["from"],
        "to": quality["to"],
        "pieces": len(store.pieces),
        "bytes": sum(file.stat().st_size for file in store.path.rglob("*") if file.is_file()),
        "kinds": quality["kinds"],
        "attributes": list(store.attributes),
        "takes": takes,
        "ledger": store.ledger(),
        "rejected": _rejected(store.path, book),
        "quality": {name: quality[name] for name in ("without", "unknown_kinds", "checks")},
    }


def difference(after: Mapping[str, Any], added: "Added") -> dict[str, Any]:
    """What an append changed; `after` is :func:`described`."""
    ledger = {row["reason"]: row["events"] - added.before.get(row["reason"], 0) for row in after["ledger"]}
    return added.take | {
        "clock": text(added.take["clock"]),
        "events": added.events,
        "passed_over": [file.source for file in added.known],
        "ledger": {reason: count for reason, count in ledger.items() if count},
        "checks": None if added.report is None else _more(added.report["checks"], after["quality"]["checks"]),
    }


def _more(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What each check of quality finds more than before."""
    known = {one["check"]: one["events"] for one in before}
    changes = {one["check"]: one["events"] - known.get(one["check"], 0) for one in after}
    return {check: change for check, change in changes.items() if change}


def _rejected(path: Path, book: Book) -> dict[str, Any]:
    """Rows that are no events: how many, by reason, and the first of them without what they say."""
    reasons: dict[str, int] = {}
    for one in book.read():
        for reason, count in one["left_out"].items():
            reasons[reason] = reasons.get(reason, 0) + count
    file = path / REJECTED
    lines = [
        {name: line[name] for name in ("file", "row", "reasons", "why") if name in line}
        for line in islice(_lines(file, book.rejected_bytes), SHOWN)
    ]
    return {
        "rows": sum(one["rejected"] for one in book.read()),
        "reasons": dict(sorted(reasons.items())),
        "file": str(file),
        "first": lines[:FIRST],
        "advice": list(_advice(book, [line.get("why", "") for line in lines])),
    }


def _advice(book: Book, whys: Sequence[str]) -> Iterator[str]:
    """What to do about rows that are no events; `whys` is what is wrong with the first of them."""
    bad = [one for one in book.read() if one["rejected"] and one["rejected"] >= MOST * one["rows"]]
    untimed = sum(NO_TIME in why for why in whys)
    if bad:
        share = sum(one["rejected"] for one in bad) / sum(one["rows"] for one in bad)
        more = f" and {_count(len(bad) - 1, 'other file')}" if len(bad) > 1 else ""
        how = "; a time is written 2026-10-01 12:00 or 2026-10-01T12:00+02:00: write it so; then --replace"
        hint = how if untimed >= len(whys) / 2 else ""
        yield f"{share:.1%} of the rows of {bad[0]['file']}{more} are no events{hint}"
    if any(why.startswith(NO_UTF8) for why in whys):
        yield "rows are not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8); then --replace"


def _lines(file: Path, size: int) -> Iterator[dict[str, Any]]:
    if size and file.exists():
        with file.open("rb") as lines:
            for line in lines:
                yield json.loads(line)
                size -= len(line)
                if size <= 0:
                    return


def shown(told: Mapping[str, Any]) -> None:
    """Tables for people, on stdout."""

    console = for_tables()

    def say(*what: Any) -> None:
        console.print(*what, highlight=False, markup=False, soft_wrap=True)

    zone = ZONES[told["country"]]
    days = [
        local(parse_time(told[name], zone), zone).date().isoformat() if told[name] else ""
        for name in ("from", "to")
    ]
    span = f", {days[0]} to {days[1]}" if days[0] else ""
    size = f"{told['bytes'] / 2**20:,.1f} MiB in {_count(told['pieces'], 'piece')}"
    log = f"{_count(told['events'], 'event')} in {_count(told['pathways'], 'pathway')}"
    say(f"{told['store']}: {log}{span}; {size}")
    if "added" in told:
        _added(say, told["added"])
    for take in told["takes"]:
        for one in take["files"]:
            events = _count(one["events"], "event")
            rows = f"{_count(one['rows'], 'row')}, {events} ({one['form']})" if one["bytes"] else events
            say(f"  {one['source']}: {rows}")
    _table(say, ("kind", "events"), list(told["kinds"].items())[:_KINDS], more=len(told["kinds"]) - _KINDS)
    _left_out(say, told)
    _asked(say, told)


def _added(say: Any, added: Mapping[str, Any]) -> None:
    for name in added["passed_over"]:
        say(f"passed over: {name} is in the store already")
    if not added["files"]:
        say("nothing new")
        return
    say(f"added: {added['events']:+,} events")
    for title, counts in (("left out", added["ledger"]), ("worth asking about", added["checks"] or {})):
        if counts:
            say(f"  {title}: " + ", ".join(f"{name} {count:+,}" for name, count in counts.items()))


def _left_out(say: Any, told: Mapping[str, Any]) -> None:
    rows = [(row["reason"], row["events"], row["pathways"]) for row in told["ledger"]]
    if rows:
        _table(say, ("left out", "events", "pathways"), rows)
    else:
        say("\nNothing was left out.")
    rejected = told["rejected"]
    for one in rejected["first"]:
        why = f": {one['why']}" if "why" in one else ""
        say(f"  {one['file']}, row {one['row']}: {', '.join(one['reasons'])}{why}")
    if rejected["rows"]:
        count = _count(rejected["rows"], "row")
        say(f"  {count} in all; each with its reason, and what it says, in {rejected['file']}")
    for advice in rejected["advice"]:
        say(f"  {advice}")


def _asked(say: Any, told: Mapping[str, Any]) -> None:
    quality = told["quality"]
    found = [one for one in quality["checks"] if one["events"]]
    if found:
        rows = [
            (
                one["check"],
                one["events"],
                ", ".join(list(dict.fromkeys(example["pathway"] for example in one["examples"]))[:3]),
            )
            for one in found
        ]
        _table(say, ("worth asking about", "events", "as in pathway"), rows)
        for one in found:
            say(f"  {one['check']}: {CHECKS[one['check']]}")
        if quality["unknown_kinds"]:
            kinds = ", ".join(f"{kind} ({count:,})" for kind, count in quality["unknown_kinds"].items())
            say(f"  unknown kinds: {kinds}")
    else:
        say("\nNothing in it looks strange.")
    size = told["events"]
    missing = [(name, count, f"{count / size:.1%}") for name, count in quality["without"].items() if count]
    if missing:
        _table(say, ("not said", "events", "share"), missing)


def _table(say: Any, head: tuple[str, ...], rows: list[tuple[Any, ...]], more: int = 0) -> None:
    from rich.table import Table

    table = Table(head[0], box=None, pad_edge=False)
    for name in head[1:]:
        table.add_column(name, justify="left" if name.startswith("as in") else "right")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    say()
    say(table)
    if more > 0:
        say(f"… and {more} more")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
