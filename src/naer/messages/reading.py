"""The one way in for bytes of any standard: the start of a message says of which family it is."""

import re

from naer.messages.envelope import Incoming
from naer.messages.medcom import reader
from naer.messages.medcom.document import sniff

_LOOKED_AT = 65_536
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ROOT = re.compile(
    rb"(?:\s|<\?(?:[^?]|\?(?!>))*+\?>|<!--(?:[^-]|-(?!->))*+-->)*+<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)"
)
"""The local name of the first element, behind declaration, comments and instructions."""
_NORWEGIAN = frozenset((b"MsgHead", b"AppRec"))
_MARK = re.compile(rb"<(?:[\w.-]+:)?(?:MsgHead|AppRec)[\s/>]|kith\.no/xmlstds/")


def read(data: bytes, content_type: str | None = None) -> Incoming:
    """One message: FHIR in JSON or XML (MedCom), or KITH XML (Norway).

    Never raises on bad input. The reader of Norwegian messages is loaded when the first one comes.
    """
    wide = data.startswith(_UTF_16)
    if (wide or sniff(data, content_type) == "xml") and is_norwegian(data):
        from naer.messages.plo.reading import read as read_plo

        return read_plo(data)
    return reader.read(data, content_type)


def is_norwegian(data: bytes) -> bool:
    """Whether XML is meant as a Norwegian message, well-formed or not."""
    start = data[:_LOOKED_AT]
    if start.startswith(_UTF_16):
        start = start.replace(b"\0", b"")[2:]
    found = _ROOT.match(start.removeprefix(b"\xef\xbb\xbf"))
    if found is not None:
        name = found.group(1)
        if name in _NORWEGIAN:
            return True
        if name == b"Bundle":
            return False
    return _MARK.search(start) is not None
