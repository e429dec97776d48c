"""KITH XML as an element tree, hardened: no document type, no entity, no file, no network, bounded."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from naer.messages.envelope import Issue
from naer.messages.medcom.document import Unreadable

MAX_BYTES = 5_000_000
MAX_DEPTH = 64
"""Nesting of elements; an ordinary care message has about 12, xhtml in a dialogue message some more."""
MAX_TAGS = 50_000
"""Opening and closing tags; an ordinary care message has about 700."""

Element = Any
"""An lxml element; its stubs are too strict for trees without comments."""

_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "windows-1252",
    "utf-16": "utf-16",
}
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_COMPRESSED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")


def parse(data: bytes) -> Element:
    """The root element of a document, without comments and processing instructions.

    Raises:
        Unreadable: with AppRec code T01, when it is too large, compressed, nested too deep, not well-formed,
            in an encoding that is not read here, or declares a document type.
    """
    if len(data) > MAX_BYTES:
        raise _unreadable(f"The message is larger than {MAX_BYTES} bytes.")
    if data.startswith(_COMPRESSED):
        raise _unreadable("The message is compressed; send plain XML.")
    text = _utf8(data)
    if text.count(b"<") > MAX_TAGS:
        raise _unreadable("The message has too many elements.")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise _unreadable("A document type is not allowed.")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: Element = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise _unreadable("The message is not well-formed XML.") from None
    if root.getroottree().docinfo.doctype:
        raise _unreadable("A document type is not allowed.")
    if _deeper_than(root, MAX_DEPTH):
        raise _unreadable(f"The message is nested deeper than {MAX_DEPTH}.")
    return root


def content_hash(root: Element, data: bytes) -> str:
    """SHA-256 of the canonical form (C14N, no comments); of the bytes when there is no such form."""
    try:
        return hashlib.sha256(etree.tostring(root, method="c14n", with_comments=False)).hexdigest()
    except (etree.LxmlError, ValueError):
        return hashlib.sha256(data).hexdigest()


def child(element: Element | None, name: str) -> Element | None:
    """The first child of that local name, or None; its namespace is for the check of structure to judge."""
    if element is not None:
        for one in element:
            if local(one) == name:
                return one
    return None


def children(element: Element | None, name: str) -> list[Element]:
    """All children of that local name."""
    return [] if element is None else [one for one in element if local(one) == name]


def said(element: Element | None, name: str) -> str:
    """The text of a child, without blanks at its ends; "" when it is absent or empty."""
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""


def coded(element: Element | None, name: str, attribute: str = "V") -> str:
    """An attribute of a child (`V` the value, `DN` its name, `S` its list), without blanks at its ends."""
    found = child(element, name)
    return (found.get(attribute) or "").strip() if found is not None else ""


def local(element: Element) -> str:
    """The local name of an element."""
    tag: str = element.tag
    return tag[tag.rfind("}") + 1 :]


def namespace(element: Element) -> str:
    """The namespace of an element, "" when it has none."""
    tag: str = element.tag
    return tag[1 : tag.rfind("}")] if tag.startswith("{") else ""


def _utf8(data: bytes) -> bytes:
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        declared = _DECLARED.match(data[:300])
        named = declared.group(1).decode("ascii").lower() if declared else "utf-8"
        encoding = _ENCODINGS.get(named, "")
        if encoding == "utf-8":
            return data
    try:
        text = data.decode(encoding) if encoding else ""
    except UnicodeError:
        text = ""
    if not text:
        raise _unreadable("The message is in an encoding that is not read here; send UTF-8.")
    return _DECLARATION.sub("", text, count=1).encode("utf-8", "surrogatepass")


def _deeper_than(root: Element, limit: int) -> bool:
    level: Iterator[Element] = iter((root,))
    for _ in range(limit):
        below = [one for element in level for one in element]
        if not below:
            return False
        level = iter(below)
    return True


def _unreadable(text: str) -> Unreadable:
    return Unreadable(Issue("T01", text, "", "fatal"))
