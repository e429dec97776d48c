"""Elements as the KITH standards write them: values in attributes (V, S, DN), in the order they are added.

A tree of our own, because building one in lxml takes ten times as long. Each namespace always has the same
prefix; the head and the receipts have none.
"""

import re

from naer.events.instant import ZONES, Instant, local
from naer.messages.plo.types import (
    APPREC,
    BASE64,
    COMPONENT,
    DIALOG,
    EPJ1,
    EPJ2,
    EPJ3,
    FK1,
    META,
    MSGHEAD,
    OID,
    ROOTS,
)

PREFIXES: dict[str, str] = (
    {space: "p:" for space, _ in ROOTS}
    | dict.fromkeys(DIALOG.values(), "dia:")
    | dict.fromkeys(COMPONENT.values(), "po:")
    | dict.fromkeys((MSGHEAD, *APPREC.values()), "")
    | {FK1: "fk1:", EPJ1: "epj1:", EPJ2: "epj2:", EPJ3: "epj3:", META: "m1:", BASE64: "b64:"}
)
"""What stands before a name, by namespace."""

_ODD = re.compile("[^ !#-%'-;=?-~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TIME = re.compile(r"\.000000(?=[+-])")


class Node:
    """An element that is being written. `attributes` are text already, each with a blank before it."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, text: str, attributes: str) -> None:
        self.name = name
        self.text = text
        self.attributes = attributes
        self.children: list[Node] = []


def clean(text: str) -> str:
    """`text` without what XML 1.0 cannot hold, each such character as U+FFFD, and with plain line ends."""
    if _ODD.search(text) is None:
        return text
    return _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def root(namespace: str, name: str) -> Node:
    """A first element; its own namespace is the default one."""
    return Node(name, "", f' xmlns="{namespace}"')


def add(parent: Node, namespace: str, name: str, text: str | bool | None = None, **values: str) -> Node:
    """A new last child: with `text` as its content, `values` as attributes; a bool is an xs:boolean."""
    said = "" if text is None else ("true" if text else "false") if isinstance(text, bool) else _text(text)
    marks = "".join([f' {key}="{_value(value)}"' for key, value in values.items()]) if values else ""
    child = Node(PREFIXES[namespace] + name, said, marks)
    parent.children.append(child)
    return child


def begin(parent: Node, namespace: str, name: str, *others: str) -> Node:
    """A new last child that declares its own namespace and `others`, for all that will be in it."""
    child = add(parent, namespace, name)
    child.attributes = "".join([f' xmlns:{PREFIXES[one][:-1]}="{one}"' for one in (namespace, *others)])
    return child


def code(
    parent: Node, namespace: str, name: str, value: str, words: str = "", number: str = "", **more: str
) -> Node:
    """A coded value; `number` is that of its code list, for those that name it (kith:CV)."""
    marks = f' V="{_value(value)}"'
    if number:
        marks += f' S="{OID}{_value(number)}"'
    if words:
        marks += f' DN="{_value(words)}"'
    child = add(parent, namespace, name, **more)
    child.attributes = marks + child.attributes
    return child


def moment(at: Instant) -> str:
    """An instant as xs:dateTime in Norwegian time with its offset, which tells a doubled hour apart.

    Whole seconds are written without a fraction.
    """
    return _TIME.sub("", local(at, ZONES["NO"]).isoformat(timespec="microseconds"))


def written(node: Node) -> bytes:
    """The finished document, UTF-8 with its declaration."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _put(node, parts)
    return "".join(parts).encode()


def _put(node: Node, parts: list[str]) -> None:
    name = node.name
    if node.children:
        parts.append(f"<{name}{node.attributes}>")
        for child in node.children:
            _put(child, parts)
        parts.append(f"</{name}>")
    elif node.text:
        parts.append(f"<{name}{node.attributes}>{node.text}</{name}>")
    else:
        parts.append(f"<{name}{node.attributes}/>")


def _text(text: str) -> str:
    if _ODD.search(text) is None:
        return text
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _value(text: str) -> str:
    if _ODD.search(text) is None:
        return text
    return _text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
