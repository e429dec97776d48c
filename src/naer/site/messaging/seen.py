"""Reliable messaging: has this message been here before? (handbook section 7)

| Bundle.id | MessageHeader.id | content | what it is |
|---|---|---|---|
| new | new | | new |
| seen | seen | | copy: the original answer again, content ignored |
| new | seen | same | copy: the original answer again |
| new | seen | different | new, flagged "header id reused" |
| seen | new | | refused |

A bundle id that came with two messages stays known under both, so that a copy of the refused one is a copy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from naer.messages.envelope import Incoming, Issue, flag
from naer.site import bulk

_SEEN_SQL = """
SELECT id, message_id, bundle_id, content_hash, COALESCE(duplicate_of_id, id) AS first
FROM messaging_message WHERE message_id {in} OR bundle_id {in} ORDER BY id"""
_ORIGINAL_SQL = """
SELECT id, format, acknowledgement, code, citizen_id, pathway, event, issues, answer, receiver
FROM messaging_message WHERE id {in}"""
_ANSWERED_SQL = """
SELECT receiver, answer FROM messaging_message
WHERE duplicate_of_id {in} AND answer IS NOT NULL ORDER BY id DESC"""


class Original(NamedTuple):
    """The first copy of a message, with the answer it got; `answer` is sealed."""

    row: int
    format: str
    acknowledgement: str
    code: str
    citizen: str | None
    pathway: str
    event: str
    issues: str
    answer: bytes
    receiver: str


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
    by_bundle: dict[str, dict[str, int]] = field(default_factory=dict)
    """Bundle.id → MessageHeader.id → row of the first copy."""

    def judge(self, incoming: Incoming) -> Verdict:
        """What `incoming` is, beside what is known. A message without ids is always new."""
        transport = self.by_bundle.get(incoming.bundle_id) if incoming.bundle_id else None
        if transport is not None and incoming.message_id in transport:
            return Verdict("copy", transport[incoming.message_id])
        contents = self.by_header.get(incoming.message_id) if incoming.message_id else None
        if contents is not None and incoming.content_hash in contents:
            return Verdict("copy", contents[incoming.content_hash])
        if transport is not None:
            return Verdict("refused", issue=_REUSED_BUNDLE)
        if contents is None:
            return NEW
        return Verdict("new", flag=_REUSED_HEADER, reused=True)


def query(batch: Sequence[Incoming]) -> bulk.Query:
    """What to ask about the ids of a batch; `take` reads the answer.

    Two copies that come at the same instant are kept apart by the lock on their citizen, and where there is
    none by the constraint `first_copy_is_one`: the later one is tried again, and then finds the first.
    """
    headers = sorted({incoming.message_id for incoming in batch if incoming.message_id})
    bundles = sorted({incoming.bundle_id for incoming in batch if incoming.bundle_id})
    return _SEEN_SQL, [headers, bundles]


def take(rows: list[bulk.Row]) -> Seen:
    """What is known, from the answer to `query`."""
    seen = Seen()
    for _, header, bundle, content_hash, first in rows:
        if header:
            seen.by_header.setdefault(header, {}).setdefault(content_hash, first)
        if bundle:
            seen.by_bundle.setdefault(bundle, {}).setdefault(header, first)
    return seen


def originals(rows: Iterable[int]) -> dict[int, Original]:
    """The first copies, by row."""
    wanted = sorted(set(rows))
    return {row[0]: Original(*row) for row in bulk.read([(_ORIGINAL_SQL, [wanted])])[0]} if wanted else {}


def answered(original: Original) -> dict[str, bytes]:
    """Who has answered a message so far, with the sealed answers: the one it came to first, then others."""
    rows = bulk.read([(_ANSWERED_SQL, [[original.row]])])[0]
    return dict(rows) | {original.receiver: original.answer}
