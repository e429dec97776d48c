"""Elements as the KITH standards write them: values in attributes (V, S, DN), in the order they are added."""

import re
from typing import Any

from lxml import etree

from naer.events.instant import ZONES, Instant, local
from naer.messages.plo.types import OID
from naer.messages.plo.xml import Element

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TIME = re.compile(r"\.000000(?=[+-])")


def clean(text: str) -> str:
    """`text` without what XML 1.0 cannot hold, each such character as U+FFFD, and with plain line ends."""
    return _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def root(namespace: str, name: str, **prefixes: str) -> Element:
    """A first element; its own namespace is the default one, `prefixes` are further ones."""
    nsmap: Any = {None: namespace, **prefixes}
    return etree.Element(f"{{{namespace}}}{name}", nsmap=nsmap)


def add(parent: Element, namespace: str, name: str, text: str | bool | None = None, **values: str) -> Element:
    """A new last child: with `text` as its content, `values` as attributes; a bool is an xs:boolean."""
    child = etree.SubElement(parent, f"{{{namespace}}}{name}")
    if isinstance(text, bool):
        child.text = "true" if text else "false"
    elif text is not None:
        child.text = clean(text)
    for key, value in values.items():
        child.set(key, clean(value))
    return child


def begin(parent: Element, namespace: str, name: str, **prefixes: str) -> Element:
    """A new last child that declares the prefixes of all that will be in it."""
    nsmap: Any = prefixes
    return etree.SubElement(parent, f"{{{namespace}}}{name}", nsmap=nsmap)


def code(
    parent: Element, namespace: str, name: str, value: str, words: str = "", number: str = "", **more: str
) -> Element:
    """A coded value; `number` is that of its code list, for those that name it (kith:CV)."""
    values = {"V": value}
    if number:
        values["S"] = OID + number
    if words:
        values["DN"] = words
    return add(parent, namespace, name, **values, **more)


def moment(at: Instant) -> str:
    """An instant as xs:dateTime in Norwegian time with its offset, which tells a doubled hour apart.

    Whole seconds are written without a fraction.
    """
    return _TIME.sub("", local(at, ZONES["NO"]).isoformat(timespec="microseconds"))


def written(element: Element) -> bytes:
    """The finished document, UTF-8 with its declaration."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")
