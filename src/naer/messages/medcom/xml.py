"""The XML form of FHIR to and from the JSON shape; the parser opens no entity, no file and no network."""

import re
from functools import lru_cache
from typing import Any

from lxml import etree

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"
_NS = f"{{{FHIR}}}"
_DIV = f"{{{XHTML}}}div"
MAX_TAGS = 50_000
"""Opening and closing tags of one document; an ordinary bundle has about 300."""

_ALWAYS_LISTS = frozenset(
    """
    extension modifierExtension contained coding profile security tag given prefix suffix
    entry destination focus telecom address episodeOfCare target agent entity policy
    issue reasonCode reasonReference diagnosis statusHistory classHistory participant
    alias photo communication generalPractitioner payload line
    """.split()  # noqa: SIM905
)
_LISTS_IN = {
    ("Patient", "identifier"),
    ("Patient", "name"),
    ("Patient", "contact"),
    ("Patient", "link"),
    ("Organization", "identifier"),
    ("Organization", "type"),
    ("Organization", "contact"),
    ("Encounter", "identifier"),
    ("Encounter", "type"),
    ("Encounter", "location"),
    ("Bundle", "link"),
    ("Provenance", "reason"),
    ("Communication", "identifier"),
    ("Communication", "category"),
    ("Communication", "recipient"),
    ("Practitioner", "identifier"),
    ("Practitioner", "name"),
    ("PractitionerRole", "identifier"),
    ("PractitionerRole", "code"),
    ("CareTeam", "identifier"),
    ("CareTeam", "managingOrganization"),
    ("Composition", "author"),
    ("Composition", "relatesTo"),
    ("Composition", "section"),
    ("section", "section"),
    ("Observation", "identifier"),
    ("Observation", "component"),
}
"""Elements that may repeat, so that one of them is still a list: (parent, element)."""

_HOLDS_RESOURCE = frozenset(("resource", "contained"))


def from_xml(data: bytes, max_depth: int) -> Any:
    """The JSON shape of a resource written in XML.

    Raises:
        ValueError: when it is not well-formed UTF-8 XML, declares a document type, has elements outside
            the FHIR namespace, or nests too deep.
    """
    if data.count(b"<") > MAX_TAGS:
        raise ValueError("too many elements")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ValueError("a document type is not allowed")
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
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise ValueError("not well-formed XML") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise ValueError("a document type is not allowed")
    return _resource(root, 2 * max_depth)


def _resource(element: Any, depth: int) -> dict[str, Any]:
    name = _name(element.tag)
    tree: dict[str, Any] = {"resourceType": name}
    tree.update(_members(element, name, depth))
    return tree


def _members(element: Any, parent: str, depth: int) -> dict[str, Any]:
    if depth <= 0:
        raise ValueError("nested too deep")
    members: dict[str, Any] = {}
    for attribute in ("id", "url"):
        if (text := element.get(attribute)) is not None:
            members[attribute] = text
    for child in element:
        tag = child.tag
        if tag == _DIV:
            members["div"] = etree.tostring(child, encoding="unicode", with_tail=False)
            continue
        name = _name(tag)
        value = _value(child, name, depth)
        if name in _ALWAYS_LISTS or (parent, name) in _LISTS_IN:
            members.setdefault(name, []).append(value)
        elif name not in members:
            members[name] = value
        elif isinstance(members[name], list):
            members[name].append(value)
        else:
            members[name] = [members[name], value]
    return members


def _value(element: Any, name: str, depth: int) -> Any:
    if name in _HOLDS_RESOURCE and len(element) == 1:
        return _resource(element[0], depth - 1)
    text = element.get("value")
    if text is None:
        return _members(element, name, depth - 1)
    if text in ("true", "false") and name.endswith("Boolean"):
        return text == "true"
    return text


@lru_cache(maxsize=4096)
def _name(tag: Any) -> str:
    if not isinstance(tag, str) or not tag.startswith(_NS):
        raise ValueError("an element outside the FHIR namespace")
    return tag[len(_NS) :]


def to_xml(resource: dict[str, Any]) -> bytes:
    """A resource in the JSON shape, its members in FHIR's order, written as XML.

    A `div` is XHTML of our own (`narrative`) and stands as it is.

    Raises:
        ValueError: when a text has characters that XML cannot hold.
    """
    kind = resource["resourceType"]
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} xmlns="{FHIR}">']
    _write(parts, resource)
    parts.append(f"</{kind}>")
    written = "".join(parts)
    if _UNFIT.search(written):
        raise ValueError("a text has characters that XML cannot hold")
    return written.encode()


def _write(parts: list[str], members: dict[str, Any]) -> None:
    for name, value in members.items():
        if name == "resourceType":
            continue
        for each in value if isinstance(value, list) else (value,):
            if not isinstance(each, dict):
                parts.append(each if name == "div" else f'<{name} value="{_text(each)}"/>')
            elif "resourceType" in each:
                kind = each["resourceType"]
                parts.append(f"<{name}><{kind}>")
                _write(parts, each)
                parts.append(f"</{kind}></{name}>")
            else:
                _write_element(parts, name, each)


def _write_element(parts: list[str], name: str, members: dict[str, Any]) -> None:
    if "url" in members and name.lower().endswith("extension"):
        parts.append(f'<{name} url="{_text(members["url"])}">')
        members = {key: value for key, value in members.items() if key != "url"}
    else:
        parts.append(f"<{name}>")
    _write(parts, members)
    parts.append(f"</{name}>")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


_SPECIAL = re.compile(r"[&<>\"\n\r\t]")
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
