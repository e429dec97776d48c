"""The XML form of FHIR to and from the JSON shape; the parser opens no entity, no file and no network."""

from typing import Any

from lxml import etree

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"
_NS = f"{{{FHIR}}}"
MAX_TAGS = 50_000
"""Opening and closing tags of one document; an ordinary bundle has about 300."""
_NAMESPACES: Any = {None: FHIR}

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
    tree: dict[str, Any] = {"resourceType": _name(element)}
    tree.update(_members(element, depth))
    return tree


def _members(element: Any, depth: int) -> dict[str, Any]:
    if depth <= 0:
        raise ValueError("nested too deep")
    parent = _name(element)
    members: dict[str, Any] = {}
    for attribute in ("id", "url"):
        if (text := element.get(attribute)) is not None:
            members[attribute] = text
    for child in element:
        if child.tag == f"{{{XHTML}}}div":
            members["div"] = etree.tostring(child, encoding="unicode", with_tail=False)
            continue
        name = _name(child)
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
        return _members(element, depth - 1)
    if name.endswith("Boolean") and text in ("true", "false"):
        return text == "true"
    return text


def _name(element: Any) -> str:
    tag = element.tag
    if not isinstance(tag, str) or not tag.startswith(_NS):
        raise ValueError("an element outside the FHIR namespace")
    return tag[len(_NS) :]


def to_xml(resource: dict[str, Any]) -> bytes:
    """A resource in the JSON shape, its members in FHIR's order, written as XML."""
    root = etree.Element(_NS + resource["resourceType"], nsmap=_NAMESPACES)
    _write(root, resource)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _write(parent: Any, members: dict[str, Any]) -> None:
    for name, value in members.items():
        if name == "resourceType":
            continue
        if name == "url" and parent.tag.lower().endswith("extension"):
            parent.set("url", value)
            continue
        if name == "div":
            parent.append(etree.fromstring(value))
            continue
        for each in value if isinstance(value, list) else [value]:
            _write_one(etree.SubElement(parent, _NS + name), each)


def _write_one(element: Any, value: Any) -> None:
    if isinstance(value, dict):
        if "resourceType" in value:
            element = etree.SubElement(element, _NS + value["resourceType"])
        _write(element, value)
    elif isinstance(value, bool):
        element.set("value", "true" if value else "false")
    else:
        element.set("value", str(value))
