"""Reliable messaging: has this message been here before? (handbook section 7)

| Bundle.id | MessageHeader.id | content | what it is |
|---|---|---|---|
| new | new | | new |
| seen | seen | | copy: the original answer again, content ignored |
| new | seen | same | copy: the original answer again |
| new | seen | different | new, flagged "header id reused" |
| seen | new | | refused |
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal, NamedTuple

from django.db import connection

from naer.messages.envelope import Incoming, Issue, flag
from naer.site import bulk

_SEEN_SQL = """
SELECT id, message_id, bundle_id, content_hash, COALESCE(duplicate_of_id, id)
FROM messaging_message WHERE message_id {in} OR bundle_id {in} ORDER BY id"""
_ORIGINAL_SQL = """
SELECT id, acknowledgement, code, citizen_id, pathway, event, issues, flags, answer
FROM messaging_message WHERE id {in}"""
_LOCK_SQL = "SELECT count(pg_advisory_xact_lock(k)) FROM (SELECT unnest(%s::bigint[]) AS k) AS ids"


class Original(NamedTuple):
    """The first copy of a message, with the answer it got; `answer` is sealed."""

    row: int
    acknowledgement: str
    code: str
    citizen: str | None
    pathway: str
    event: str
    issues: str
    flags: str
    answer: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message is. For a copy, `original` is the row of the first one."""

    kind: Literal["new", "copy", "refused"]
    original: int | None = None
    issue: Issue | None = None
    flag: Issue | None = None
    reused: bool = False
    """The header id stood on another content before."""


NEW = Verdict("new")
_REUSED_BUNDLE = Issue(
    "duplicate", "Bundle.id was used for another message before; every sending has a new one", "Bundle.id"
)
_REUSED_HEADER = flag(
    "duplicate", "header id reused with other content; taken as its own message", "MessageHeader.id"
)


@dataclass(slots=True)
class Seen:
    """The messages already known under the ids of a batch."""

    by_header: dict[str, dict[str, int]] = field(default_factory=dict)
    """MessageHeader.id → content hash → row of the first copy."""
    by_bundle: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Bundle.id → (MessageHeader.id, row of the first copy)."""

    def judge(self, incoming: Incoming) -> Verdict:
        """What `incoming` is, beside what is known. A message without ids is always new."""
        transport = self.by_bundle.get(incoming.bundle_id) if incoming.bundle_id else None
        if transport is not None:
            header, row = transport
            return (
                Verdict("copy", row)
                if header == incoming.message_id
                else Verdict("refused", issue=_REUSED_BUNDLE)
            )
        contents = self.by_header.get(incoming.message_id) if incoming.message_id else None
        if contents is None:
            return NEW
        if incoming.content_hash in contents:
            return Verdict("copy", contents[incoming.content_hash])
        return Verdict("new", flag=_REUSED_HEADER, reused=True)


def load(batch: Iterable[Incoming]) -> Seen:
    """What is known under the ids of a batch; nobody else decides about these ids until the commit."""
    headers = sorted({incoming.message_id for incoming in batch if incoming.message_id})
    bundles = sorted({incoming.bundle_id for incoming in batch if incoming.bundle_id})
    seen = Seen()
    if not headers and not bundles:
        return seen
    if connection.vendor == "postgresql":
        keys = sorted(
            {_lock_key("header", one) for one in headers} | {_lock_key("bundle", one) for one in bundles}
        )
        bulk.read([(_LOCK_SQL, [keys])])
    (rows,) = bulk.read([(_SEEN_SQL, [headers, bundles])])
    for _, header, bundle, content_hash, first in rows:
        if header:
            seen.by_header.setdefault(header, {}).setdefault(content_hash, first)
        if bundle:
            seen.by_bundle.setdefault(bundle, (header, first))
    return seen


def originals(rows: Iterable[int]) -> dict[int, Original]:
    """The first copies, by row."""
    wanted = sorted(set(rows))
    return {row[0]: Original(*row) for row in bulk.read([(_ORIGINAL_SQL, [wanted])])[0]} if wanted else {}


def _lock_key(space: str, text: str) -> int:
    return int.from_bytes(blake2b(f"{space} {text}".encode(), digest_size=8).digest(), signed=True)
