"""Bytes → one JSON-shaped tree, whatever the format, with bounds on size and depth."""

import hashlib
from typing import Any

import msgspec

from naer.messages.envelope import Format, Issue
from naer.messages.medcom.xml import from_xml

MAX_BYTES = 5_000_000
MAX_DEPTH = 40
"""Nesting of objects and arrays; an ordinary bundle has about 12."""
MAX_ENTRIES = 500

Tree = dict[str, Any]

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
    try:
        tree = from_xml(data, MAX_DEPTH) if form == "xml" else msgspec.json.decode(_without_mark(data))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        name = form.upper()
        raise Unreadable(
            Issue("structure", f"The message is not well-formed {name}; send one FHIR Bundle.", "", "fatal")
        ) from None
    if not isinstance(tree, dict) or tree.get("resourceType") != "Bundle":
        raise Unreadable(Issue("structure", "The message is no FHIR Bundle.", "Bundle", "fatal"))
    if form == "json" and not _surely_flat(data) and too_deep(tree):
        raise Unreadable(Issue("structure", f"The message is nested deeper than {MAX_DEPTH}.", "", "fatal"))
    return tree


def _without_mark(data: bytes) -> bytes:
    return data.removeprefix(b"\xef\xbb\xbf")


_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


def _surely_flat(data: bytes) -> bool:
    """Whether the brackets alone show that nothing nests too deep; brackets inside texts may hide it.

    Each round takes away one or two levels, so half of MAX_DEPTH rounds prove it.
    """
    brackets = data.translate(None, _NO_BRACKETS)
    for _ in range(MAX_DEPTH // 2):
        if not brackets:
            return True
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return False


def too_deep(tree: Tree) -> bool:
    """Whether objects and arrays nest deeper than MAX_DEPTH."""
    level: list[Any] = [tree]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


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
