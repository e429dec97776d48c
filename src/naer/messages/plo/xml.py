"""KITH XML as an element tree, hardened: no document type, no entity, no file, no network, bounded."""

import hashlib
import re
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
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
        Unreadable: with AppRec code T01, when it is too large, compressed, not well-formed, declares a
            document type, or is in an encoding that is not read here.
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
    try:
        root: Element = etree.fromstring(text, _parser())
    except (etree.XMLSyntaxError, ValueError):
        raise _unreadable("The message is not well-formed XML.") from None
    if root.getroottree().docinfo.doctype:
        raise _unreadable("A document type is not allowed.")
    return root


def content_hash(root: Element, data: bytes) -> str:
    """SHA-256 of the canonical form (C14N, no comments); of the bytes when there is no such form."""
    try:
        return hashlib.sha256(etree.tostring(root, method="c14n", with_comments=False)).hexdigest()
    except (etree.LxmlError, ValueError):
        return hashlib.sha256(data).hexdigest()


class Node(msgspec.Struct, gc=False):
    """One element of a message: what `tree` made of it, for readers that look at each many times.

    `name` is the local name. Blanks between elements are left out of `text` and `tail`.
    """

    tag: str
    name: str
    attrib: dict[str, str]
    text: str
    tail: str
    below: "list[Node]"

    def __repr__(self) -> str:
        return f"Node({self.name}, …)"

    @property
    def namespace(self) -> str:
        """Its namespace, "" when it has none."""
        return self.tag[1 : self.tag.rfind("}")] if self.tag.startswith("{") else ""

    def every(self) -> "Iterator[Node]":
        """It and all below it, in document order."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            if one.below:
                waiting += one.below[::-1]


def _parser() -> etree.XMLParser:
    """The parser of this thread."""
    found: etree.XMLParser | None = getattr(_LOCAL, "parser", None)
    if found is None:
        found = _LOCAL.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
    return found


_LOCAL = threading.local()


class Document(msgspec.Struct, gc=False):
    """The elements of a document: the first, all in document order, and the SHA-256 of what they say.

    `shape` is what the check of structure asks for beside values: tags, names of attributes, where text is.
    """

    root: Node
    nodes: list[Node]
    shape: str
    hash: str

    def __repr__(self) -> str:
        return f"Document(root={self.root!r}, …)"


def tree(root: Element) -> Document:
    """The elements of a document.

    The hash is the same for every writing of the same elements: prefixes, order and quotes of attributes,
    comments, and blanks between elements make no difference.

    Raises:
        Unreadable: when it is nested too deep.
    """
    said: list[str] = []
    shape: list[str] = []
    nodes: list[Node] = []
    node = _node(root, MAX_DEPTH, said, shape, nodes)
    digest = hashlib.sha256("".join(said).encode("utf-8", "surrogatepass")).hexdigest()
    return Document(node, nodes, "".join(shape), digest)


def _node(element: Element, depth: int, said: list[str], shape: list[str], nodes: list[Node]) -> Node:
    if not depth:
        raise _unreadable(f"The message is nested deeper than {MAX_DEPTH}.")
    tag = element.tag
    mark, name = _NAMES[tag]
    said.append(mark)
    shape.append(mark)
    attrib = _NOTHING
    attributes = element.items()
    if attributes:
        attributes.sort()
        attrib = dict(attributes)
        for key, value in attributes:
            said += ("\2", key, "\3", value)
            shape += ("\2", key)
    parent = len(element) > 0
    text = element.text or ""
    if text:
        if not text.isspace():
            said.append("\4" + text)
            shape.append("\4")
        elif parent:
            text = ""
    node = Node(tag, name, attrib, text, "", _NONE)
    nodes.append(node)
    if parent:
        node.below = [_node(one, depth - 1, said, shape, nodes) for one in element]
    said.append("\5")
    shape.append("\5")
    tail = element.tail or ""
    if tail and not tail.isspace():
        said.append("\4" + tail)
        node.tail = tail
    return node


class _Names(dict[str, tuple[str, str]]):
    """Tag → its mark and local name. No text in XML has a character below 9, so marks are never said."""

    def __missing__(self, tag: str) -> tuple[str, str]:
        found = ("\1" + tag, tag[tag.rfind("}") + 1 :])
        if len(self) < MAX_NAMES:
            self[tag] = found
        return found


MAX_NAMES = 4096
"""Tags whose local name is remembered; the standards together have some hundreds."""
_NAMES = _Names()
_NOTHING: dict[str, str] = {}
_NONE: list[Node] = []


def child(node: Node | None, name: str) -> Node | None:
    """The first child of that local name, or None; its namespace is for the check of structure to judge."""
    if node is not None:
        for one in node.below:
            if one.name == name:
                return one
    return None


def children(node: Node | None, name: str) -> list[Node]:
    """All children of that local name."""
    return [] if node is None else [one for one in node.below if one.name == name]


def said(node: Node | None, name: str) -> str:
    """The text of a child, without blanks at its ends; "" when it is absent or empty."""
    found = child(node, name)
    return "" if found is None else found.text.strip()


def coded(node: Node | None, name: str, attribute: str = "V") -> str:
    """An attribute of a child (`V` the value, `DN` its name, `S` its list), without blanks at its ends."""
    found = child(node, name)
    return "" if found is None else found.attrib.get(attribute, "").strip()


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


def _unreadable(text: str) -> Unreadable:
    return Unreadable(Issue("T01", text, "", "fatal"))
