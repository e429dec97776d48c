"""Replacing keys: everything sealed is sealed anew with the first of `NAER_NUMBER_KEY`, and indexed by it.

Safe to stop and to run again, and while people work: a row is only written when nobody changed it meanwhile,
and until it is written it opens and is found by the key before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import BinaryField, Count, F, Func, QuerySet, Value

from naer.site import vault
from naer.site.pathways import numbers
from naer.site.sealed import COLUMNS, Column

BATCH = 500
"""Rows written in one transaction."""
_ID = 4

Told = Callable[[str, int, int], None]
"""What is being done, how many rows are done, how many there are."""


@dataclass(slots=True)
class Rotated:
    """What became of it."""

    sealed: dict[str, int] = field(default_factory=dict)
    """`Model.field` → rows sealed anew."""
    indexed: int = 0
    """Person numbers whose index was made anew."""
    lost: dict[str, int] = field(default_factory=dict)
    """`Model.field` → rows that no key of the setting opens."""


def rotate(told: Told) -> Rotated:
    """Seal and index everything anew that is not by the first key yet."""
    done = Rotated()
    for column in COLUMNS:
        name = label(column)
        rows = _rows(column)
        wanted = rows if column.index else rows.exclude(head=vault.first_id())
        total, seen = wanted.count(), 0
        for batch in _batches(wanted, column):
            with transaction.atomic():
                for row in batch:
                    _renew(row, column, name, done)
            seen += len(batch)
            told(name, min(seen, total), total)
    return done


def keys_in_use() -> dict[str, dict[str, int]]:
    """`Model.field` → id of the key (8 hex digits) → rows sealed with it."""
    found = {}
    for column in COLUMNS:
        counted = _rows(column).values("head").annotate(rows=Count("pk")).order_by("head")
        found[label(column)] = {bytes(one["head"]).hex(): one["rows"] for one in counted}
    return found


def unreadable() -> dict[str, int]:
    """`Model.field` → rows sealed with a key that the setting does not hold."""
    known = {key.hex() for key in vault.known_ids()}
    unknown = {
        name: sum(rows for key, rows in found.items() if key not in known)
        for name, found in keys_in_use().items()
    }
    return {name: rows for name, rows in unknown.items() if rows}


def label(column: Column) -> str:
    """`Model.field`."""
    return f"{column.model.partition('.')[2]}.{column.field}"


def _rows(column: Column) -> QuerySet[Any]:
    """The rows that hold something sealed; `head` is the id of its key."""
    head: Any = Func(F(column.field), Value(1), Value(_ID), function="SUBSTR", output_field=BinaryField())
    model: Any = apps.get_model(column.model)
    rows: QuerySet[Any] = (
        model.objects.exclude(**{column.field: None}).exclude(**{column.field: b""}).annotate(head=head)
    )
    return rows


def _batches(rows: QuerySet[Any], column: Column) -> Iterator[list[dict[str, Any]]]:
    """The rows by primary key, so many at a time."""
    names = [name for name in ("pk", column.field, column.index, column.system) if name]
    last: Any = None
    while True:
        part = rows.order_by("pk") if last is None else rows.filter(pk__gt=last).order_by("pk")
        batch = list(part.values(*names)[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1]["pk"]


def _renew(row: dict[str, Any], column: Column, name: str, done: Rotated) -> None:
    before = bytes(row[column.field])
    new: dict[str, bytes | str] = {}
    try:
        sealed = vault.reseal(column.purpose, before)
        if sealed is not None:
            new[column.field] = sealed
        if column.index:
            number = vault.unseal(column.purpose, before).decode()
            index = numbers.index(number, row[column.system] if column.system else "")
            if index != row[column.index]:
                new[column.index] = index
    except vault.UnknownKeyError:
        done.lost[name] = done.lost.get(name, 0) + 1
        return
    if not new:
        return
    model: Any = apps.get_model(column.model)
    if model.objects.filter(pk=row["pk"], **{column.field: before}).update(**new):
        done.sealed[name] = done.sealed.get(name, 0) + (column.field in new)
        done.indexed += bool(column.index and column.index in new)
