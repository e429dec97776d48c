"""XES and XES.gz (IEEE 1849): traces of events, read as a stream.

An attribute of the trace is written `case:NAME`, so that a log and its CSV export read the same.
Attributes inside attributes are flattened (`outer.inner`); a key that comes twice becomes a list; a float
that is no number is missing: so pm4py writes every cell that is.
The parser loads nothing from outside, expands no entities and refuses a document type.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from naer.logs.columns import Layout
from naer.logs.error import LogError
from naer.logs.files import Source
from naer.logs.row import Row

_TRUTH = {"true": True, "false": False, "1": True, "0": False}


class XesTable:
    """One XES file. `names` grows as rows are read."""

    instants = False

    def __init__(self, source: Source) -> None:
        self._source = source
        self._names: dict[str, None] = {}

    @property
    def names(self) -> list[str]:
        """The attributes seen so far."""
        return list(self._names)

    def rows(self, layout: Layout, /) -> Iterator[Row]:
        """Each event, with its trace's attributes as `case:…`.

        Raises:
            LogError: when the XML is broken: what follows cannot be told apart.
        """
        ids = frozenset(
            name
            for field, names in layout.names.items()
            if field not in ("at", "sent", "received")
            for name in names
        )
        waiting: list[Row] = []
        try:
            for _, element in self._elements():
                parent = element.getparent()
                if element.tag.endswith("event"):
                    row = _attributes(element, "", ids)
                    if parent is not None and parent.tag.endswith("trace"):
                        waiting.append(row)
                        element.clear()
                        continue
                    yield self._seen(row)
                else:
                    of_trace = _attributes(element, "case:", ids)
                    for row in waiting:
                        yield self._seen(of_trace | row)
                    waiting.clear()
                element.clear()
                while element.getprevious() is not None and parent is not None:
                    del parent[0]
        except etree.XMLSyntaxError as error:
            raise LogError(f"{self._source.path}:{error.lineno}: the XML is broken: {error.msg}") from None

    def _elements(self) -> Iterator[tuple[str, etree._Element]]:
        parsed = etree.iterparse(
            self._source.data,
            events=("end",),
            tag=("{*}trace", "{*}event"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        first = True
        for event, element in parsed:
            if first:
                self._check(element.getroottree())
            first = False
            yield event, element
        if first:
            self._check(parsed.root.getroottree())

    def _check(self, document: etree._ElementTree) -> None:
        if document.docinfo.internalDTD is not None:
            raise LogError(f"{self._source.path}: a log must not declare a document type (DOCTYPE)")
        outermost = etree.QName(document.getroot()).localname
        if outermost != "log":
            raise LogError(f"{self._source.path}: no XES log: it is <{outermost}> and not <log>")

    def _seen(self, row: Row) -> Row:
        self._names.update(dict.fromkeys(row))
        return row


def _attributes(element: etree._Element, prefix: str, ids: frozenset[str]) -> Row:
    row: Row = {}
    for child in element:
        key = child.get("key")
        if key is None:
            continue
        name = prefix + key
        text = child.get("value")
        kind = child.tag.rpartition("}")[2]
        if text is not None and not (kind == "float" and text.lower() == "nan"):
            value = text if name in ids else _typed(kind, text)
            row[name] = value if name not in row else [*_listed(row[name]), value]
        if len(child):
            for inner, value in _attributes(child, f"{name}.", ids).items():
                row.setdefault(inner, value)
            for values in child.iterfind("{*}values"):
                for inner, value in _attributes(values, f"{name}.", ids).items():
                    row.setdefault(inner, value)
    return row


def _typed(kind: str, text: str) -> Any:
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        return text
    return _TRUTH.get(text.lower(), text) if kind == "boolean" else text


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
