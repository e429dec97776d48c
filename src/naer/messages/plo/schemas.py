"""Validation by the national XSDs, which a user puts in a folder of their own: none is shipped.

`MsgHead` lets a document hold any element that is declared (`processContents="strict"`), so messages are
validated by a wrapper that imports MsgHead and the namespaces of all documents. Imports name bare files or
addresses on the web: both are found in the folder by file name. Nothing is ever fetched.
"""

import copy
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from threading import Lock

from lxml import etree

from naer.messages.envelope import Issue
from naer.messages.plo.types import APPREC, BASE64, MSGHEAD, ROOTS
from naer.messages.plo.xml import Element

SETTING = "NAER_PLO_SCHEMAS"
"""Environment variable: the folder with the XSDs, in any arrangement of subfolders."""

_XSD = "http://www.w3.org/2001/XMLSchema"
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_HINTS = (
    "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation",
    "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation",
)
_TARGET = re.compile(rb"""targetNamespace\s*=\s*["']([^"']+)["']""")
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_SIGNATURE = f"""<schema xmlns="{_XSD}" targetNamespace="{_DSIG}" elementFormDefault="qualified">
<element name="Signature"><complexType><sequence>
<any processContents="skip" minOccurs="0" maxOccurs="unbounded"/>
</sequence><anyAttribute processContents="skip"/></complexType></element></schema>""".encode()
"""In place of the W3C schema for signatures: that there is one, not how it is made."""
_MESSAGES = frozenset({MSGHEAD, BASE64, *APPREC.values(), *(space for space, _ in ROOTS)})
"""What can stand first in a message or in one of its documents; all else follows by import."""
_SHOWN = 10
"""Faults that are told of one message."""
_ORDER = "the element stands in the wrong place, or one that must be there is missing"
_WORDS = {
    "SCHEMAV_ELEMENT_CONTENT": _ORDER,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_4": _ORDER,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "the attribute is not known here",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "an attribute that must be there is missing",
    "SCHEMAV_CVC_ELT_1": "the element is not declared",
    "SCHEMAV_CVC_ELT_5_2_2_2_2": "the value is not the fixed one",
    "SCHEMAV_CVC_PATTERN_VALID": "the value does not have the form that the schema asks for",
    "SCHEMAV_CVC_ENUMERATION_VALID": "the value is none of those that the schema lists",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "the value is not of the type that the schema asks for",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_3": "the value is not of the type that the schema asks for",
}
"""What libxml2 found → a text that repeats nothing of the message."""


class Schemas:
    """The XSDs of one folder, compiled when first needed. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Index the folder.

        Raises:
            FileNotFoundError: when it has no schema for MsgHead.
        """
        self._by_name: dict[str, Path] = {}
        self._by_namespace: dict[str, Path] = {}
        for path in sorted(folder.rglob("*.xsd")):
            self._by_name.setdefault(path.name, path)
            if found := _TARGET.search(_COMMENT.sub(b"", path.read_bytes())):
                self._by_namespace.setdefault(found.group(1).decode(), path)
        if MSGHEAD not in self._by_namespace:
            raise FileNotFoundError(f"no schema for MsgHead in {folder}; see {SETTING}")
        self.namespaces = _MESSAGES & self._by_namespace.keys()
        """The namespaces of messages and documents that can be validated."""
        self._compiled: etree.XMLSchema | None = None
        self._lock = Lock()

    def check(self, root: Element) -> list[Issue]:
        """What the schemas find wrong with a message (T02), at most ten; [] when it is valid.

        A document in a namespace that the folder has no schema for is T02 as well.

        Raises:
            etree.XMLSchemaParseError: when the folder's schemas themselves do not fit together.
        """
        if unknown := set(_namespaces(root)) - self.namespaces:
            return [Issue("T02", f"no schema is at hand for {len(unknown)} of its namespaces", _path(root))]
        plain = _without_hints(root)
        with self._lock:
            if self._compiled is None:
                self._compiled = self._compile()
            if self._compiled.validate(plain):
                return []
            return [_issue(error, plain) for error in list(self._compiled.error_log)[:_SHOWN]]  # type: ignore[call-overload]

    def _compile(self) -> etree.XMLSchema:
        parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False, huge_tree=False)
        parser.resolvers.add(_ByName(self._by_name))
        imports = "".join(
            f'<import namespace="{space}" schemaLocation="{self._by_namespace[space].name}"/>'
            for space in sorted(self.namespaces)
        )
        wrapper = f'<schema xmlns="{_XSD}" targetNamespace="urn:naer:wrapper">{imports}</schema>'
        return etree.XMLSchema(etree.fromstring(wrapper.encode(), parser, base_url="wrapper.xsd"))


class _ByName(etree.Resolver):
    """Finds an imported schema by its file name, wherever it is said to lie."""

    def __init__(self, paths: dict[str, Path]) -> None:
        super().__init__()
        self.paths = paths

    def resolve(self, system_url, public_id, context):  # type: ignore[no-untyped-def, override]  # noqa: ARG002
        """The schema, the stub for signatures, or nothing at all."""
        name = (system_url or "").rsplit("/", 1)[-1]
        if path := self.paths.get(name):
            return self.resolve_filename(str(path), context)  # type: ignore[attr-defined]
        text = _SIGNATURE if "xmldsig" in name else b""
        return self.resolve_string(text, context)  # type: ignore[call-arg]


@cache
def schemas(folder: Path) -> Schemas:
    """The schemas of a folder, indexed and compiled once in a process."""
    return Schemas(folder)


def configured() -> Schemas | None:
    """The schemas of the folder that `NAER_PLO_SCHEMAS` names; None when it names none.

    Raises:
        FileNotFoundError: when the folder has no schema for MsgHead.
    """
    folder = os.environ.get(SETTING, "")
    return schemas(Path(folder)) if folder else None


def _namespaces(root: Element) -> Iterable[str]:
    """Those of the root and of every document in it."""
    yield etree.QName(root).namespace or ""
    if etree.QName(root).namespace in APPREC.values():
        return
    for content in root.iter(f"{{{MSGHEAD}}}Content"):
        for document in content.iterchildren("*"):
            yield etree.QName(document).namespace or ""


def _without_hints(root: Element) -> Element:
    """The message without the places where it says its schemas lie: those are never looked at."""
    if not any(element.get(hint) is not None for element in root.iter("*") for hint in _HINTS):
        return root
    plain = copy.deepcopy(root)
    for element in plain.iter("*"):
        for hint in _HINTS:
            element.attrib.pop(hint, None)
    return plain


def _issue(error: "etree._LogEntry", root: Element) -> Issue:
    words = _WORDS.get(error.type_name, "the schema does not allow this")
    return Issue("T02", words, _where(error.path, root))


def _where(path: str | None, root: Element) -> str:
    """The place of a fault by the names of its elements."""
    try:
        found = root.getroottree().xpath(path) if path else []
    except etree.XPathError:
        return ""
    if not isinstance(found, list) or not found or not isinstance(found[0], etree._Element):
        return ""
    return _path(found[0])


def _path(element: Element) -> str:
    names = [etree.QName(one).localname for one in (*reversed(list(element.iterancestors())), element)]
    return ".".join(names)
