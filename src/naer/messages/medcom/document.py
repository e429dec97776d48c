"""Bytes → one JSON-shaped tree, whatever the format, with bounds on size and depth."""

import hashlib
import re
from functools import lru_cache
from itertools import accumulate
from typing import Any

import msgspec

from naer.messages.envelope import Format, Issue

MAX_BYTES = 5_000_000
MAX_DEPTH = 40
"""Nesting of objects and arrays; an ordinary bundle has about 12."""
MAX_ENTRIES = 500

Tree = dict[str, Any]

_json = msgspec.json.Decoder()
_canonical = msgspec.json.Encoder(order="deterministic")


class Unreadable(Exception):
    """Bytes that are no message; carries the issue to answer with, never any content."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.text)
        self.issue = issue


def sniff(data: bytes, content_type: str | None) -> Format:
    """The format the bytes are in; the content type decides only when the first character does not."""
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        return "xml"
    if start in (b"{", b"["):
        return "json"
    return "xml" if "xml" in (content_type or "").lower() else "json"


def parse(data: bytes, form: Format) -> Tree:
    """The tree of a FHIR resource in JSON or XML.

    Raises:
        Unreadable: when it is too large, too deep, not well-formed, or no resource.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(Issue("too-long", f"The message is larger than {MAX_BYTES} bytes.", "", "fatal"))
    if form == "json" and not _surely_flat(data) and too_deep(data):
        # Asked before it is read: the reader recurses, and a thread of the server has a small stack.
        raise Unreadable(Issue("structure", f"The message is nested deeper than {MAX_DEPTH}.", "", "fatal"))
    try:
        tree = _of_xml(data) if form == "xml" else _json.decode(_without_mark(data))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        name = form.upper()
        raise Unreadable(
            Issue("structure", f"The message is not well-formed {name}; send one FHIR Bundle.", "", "fatal")
        ) from None
    if not isinstance(tree, dict) or tree.get("resourceType") != "Bundle":
        raise Unreadable(Issue("structure", "The message is no FHIR Bundle.", "Bundle", "fatal"))
    return tree


def _of_xml(data: bytes) -> object:
    from naer.messages.medcom.xml import from_xml  # with lxml, when the first one comes

    return from_xml(data, MAX_DEPTH)


def _without_mark(data: bytes) -> bytes:
    return data.removeprefix(b"\xef\xbb\xbf")


_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


def _surely_flat(data: bytes) -> bool:
    """Whether the brackets alone show that nothing nests too deep; brackets inside texts may hide it.

    Each round takes away one or two levels, so half of MAX_DEPTH rounds prove it.
    """
    brackets = data.translate(None, _NO_BRACKETS)
    return _known_flat(brackets) if len(brackets) <= _SHORT else _flat(brackets)


def _flat(brackets: bytes) -> bool:
    for _ in range(MAX_DEPTH // 2):
        if not brackets:
            return True
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return False


_SHORT = 1000
"""Brackets of an ordinary message: those of one kind have the same, so the answer is kept."""
_known_flat = lru_cache(maxsize=1024)(_flat)

_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)', re.DOTALL)
"""A text in JSON, or one that never ends; possessive, so that one pass is enough for any bytes."""
_STEPS = bytes(2 if byte in b"{[" else 0 for byte in range(256))


def too_deep(data: bytes) -> bool:
    """Whether objects and arrays nest deeper than MAX_DEPTH, in bytes that need not be well-formed JSON."""
    brackets = _TEXT.sub(b"", data).translate(None, _NO_BRACKETS).translate(_STEPS)
    return max(accumulate(step - 1 for step in brackets), default=0) > MAX_DEPTH


def content_hash(tree: Tree) -> str:
    """SHA-256 of the content: without Bundle.id and Bundle.timestamp, whatever the order of keys.

    Entries after the first may stand in any order (the standard gives them none).

    Raises:
        ValueError: when a text cannot be written as UTF-8.
    """
    entries = tree.get("entry")
    rest = {key: value for key, value in tree.items() if key not in ("id", "timestamp", "entry")}
    parts = [_canonical.encode(rest)]
    if isinstance(entries, list):
        written = [_canonical.encode(entry) for entry in entries]
        parts += written[:1] + sorted(written[1:])
    else:
        parts.append(_canonical.encode(entries))
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def raw_hash(data: bytes) -> str:
    """SHA-256 of the bytes as they are, for what could not be read."""
    return hashlib.sha256(data).hexdigest()
