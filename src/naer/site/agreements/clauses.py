"""The agreements in force, as pages need them: titles and sources in the reader's language."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language

from naer.agreement import Agreement, in_language
from naer.events.instant import Instant
from naer.site.agreements.in_force import agreements
from naer.site.sql import Sql, either, is_one_of, sql


@dataclass(frozen=True, slots=True)
class ClauseText:
    """What a page says about the clause behind an obligation."""

    agreement: str
    agreement_title: str
    id: str
    title: str
    source: str
    verified: bool
    partial: bool
    deliver: tuple[str, ...]
    """Kinds of event that fulfil it."""
    before: tuple[str, ...]
    """Kinds of event that it must come before; its due time is empty until one comes."""
    waiver: str
    """Who may waive it: owed_to, owed_by, both, or nobody (empty)."""


def language() -> str:
    """The reader's language as agreements name it."""
    return (get_language() or "en")[:2]


def find(agreement: str, version: dt.date | None = None) -> Agreement | None:
    """One version of an agreement; the newest when `version` is None or not known."""
    line = agreements().line(agreement)
    if line is None:
        return None
    return next((one for one in line.versions if one.version == version), line.versions[-1])


def text(agreement: str, clause_id: str, version: dt.date | None) -> ClauseText:
    """What to say about a clause; one that is no longer in the library is shown by its id."""
    return _text(agreement, clause_id, version, language())


@lru_cache(maxsize=2048)
def _text(agreement: str, clause_id: str, version: dt.date | None, lang: str) -> ClauseText:
    whole, found = find(agreement, version), agreements().clause(agreement, clause_id, version)
    if whole is None or found is None:
        return ClauseText(agreement, agreement, clause_id, clause_id, "", False, False, (), (), "")
    return ClauseText(
        agreement=agreement,
        agreement_title=in_language(whole.title, lang) or agreement,
        id=clause_id,
        title=in_language(found.title, lang) or clause_id,
        source=found.source,
        verified=found.verified,
        partial=found.partial,
        deliver=tuple(dict.fromkeys(kind for pattern in found.deliver for kind in pattern.kinds)),
        before=found.before.kinds if found.before is not None else (),
        waiver=found.waiver or "",
    )


@lru_cache(maxsize=1)
def partial() -> frozenset[tuple[str, str]]:
    """(agreement, clause) of clauses with partial evidence: their silence is no breach (S31)."""
    return frozenset(
        (line.id, id_)
        for line in agreements().lines
        for id_, versions in line.clauses.items()
        if any(clause.partial for clause in versions)
    )


@lru_cache(maxsize=1)
def before() -> frozenset[tuple[str, str]]:
    """(agreement, clause) of clauses that must be met before something else happens."""
    return frozenset(
        (line.id, id_)
        for line in agreements().lines
        for id_, versions in line.clauses.items()
        if any(clause.before is not None for clause in versions)
    )


@lru_cache(maxsize=64)
def among(agreement: str, clause: str, pairs: frozenset[tuple[str, str]]) -> Sql:
    """Whether the columns `agreement` and `clause` name one of some clauses."""
    by_agreement: dict[str, list[str]] = {}
    for line, id_ in sorted(pairs):
        by_agreement.setdefault(line, []).append(id_)
    return either(
        [
            sql(f"{agreement} = %s AND {{}}", line, is_one_of(clause, ids))
            for line, ids in by_agreement.items()
        ]
    )


def asked(due: str, agreement: str, clause: str, now: Instant) -> Sql:
    """Whether anybody is asked for what runs, by its columns: not where it is past due, and may have been
    done without a record (S31)."""
    return sql(f"{due} IS NULL OR {due} >= %s OR NOT {{}}", now, among(agreement, clause, partial()))
