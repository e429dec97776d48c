"""Hostile and odd XML: refused as T01, quickly, and nothing is ever opened."""

import gzip
import io
import time
import zipfile

import pytest

from naer.messages import read
from naer.messages.medcom.document import Unreadable
from naer.messages.plo.xml import MAX_BYTES, parse, tree
from naer.messages.reading import is_norwegian
from tests.contract.plo.sample import codes, message

HEAD = b'<MsgHead xmlns="http://www.kith.no/xmlstds/msghead/2006-05-24">'
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m.xml", b"<MsgHead>" + b" " * 50_000_000)
    return out.getvalue()


HOSTILE = {
    "entity": b'<!DOCTYPE MsgHead [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD + b"&x;</MsgHead>",
    "laughs": b'<!DOCTYPE MsgHead [<!ENTITY l0 "ha">' + LAUGHS + b"]>" + HEAD + b"&l11;</MsgHead>",
    "laughs in an attribute": (
        b'<!DOCTYPE MsgHead [<!ENTITY l0 "ha">' + LAUGHS + b']><MsgHead a="&l11;"></MsgHead>'
    ),
    "a document type elsewhere": b'<!DOCTYPE MsgHead SYSTEM "http://127.0.0.1:9/x.dtd">'
    + HEAD
    + b"</MsgHead>",
    "a document type in UTF-16": ('<!DOCTYPE MsgHead [<!ENTITY x "y">]><MsgHead>&x;</MsgHead>').encode(
        "utf-16"
    ),
    "deep": HEAD + b"<a>" * 400 + b"</a>" * 400 + b"</MsgHead>",
    "rather deep": HEAD + b"<a>" * 100 + b"</a>" * 100 + b"</MsgHead>",
    "wide": HEAD + b"<a/>" * 200_000 + b"</MsgHead>",
    "large": HEAD + b" " * MAX_BYTES + b"</MsgHead>",
    "cut off": message()[:-200],
    "two roots": message() + b"<MsgHead/>",
    "utf-7": b'<?xml version="1.0" encoding="UTF-7"?>' + HEAD + b"</MsgHead>",
    "not its encoding": message().replace("ø".encode(), b"\xf8"),
    "nul": message().replace(b"Alma", b"Al\0ma"),
    "nothing": b"",
    "unbound prefix": HEAD + b"<x:y/></MsgHead>",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_refused_at_once(data):
    begun = time.process_time()
    with pytest.raises(Unreadable) as refused:
        tree(parse(data))
    assert refused.value.issue.code == "T01"
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("nothing",)])
def test_the_dispatch_answers_them_as_norwegian(name):
    assert codes(read(HOSTILE[name], "application/xml")) == ["T01"]


@pytest.mark.parametrize("data", [zipped(), gzip.compress(message())], ids=["zip", "gzip"])
def test_compressed_messages_are_refused_unopened(data):
    begun = time.process_time()
    with pytest.raises(Unreadable):
        parse(data)
    assert read(data, "application/xml").issues
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "utf-8-sig"])
def test_the_declaration_decides_the_encoding(encoding):
    text = message().decode().replace('encoding="UTF-8"', f'encoding="{encoding.removesuffix("-sig")}"')
    incoming = read(text.encode(encoding))
    assert codes(incoming) == []
    assert incoming.letter.person.family == "Prøvesen"


def test_writings_of_one_content_have_one_hash():
    data = message()
    same = data.replace(b"<!-- written by a test -->", b"").replace(
        b'V="1" S="2.16.578.1.12.4.1.1.9121"', b"S='2.16.578.1.12.4.1.1.9121'  V='1'"
    )
    assert same != data
    assert read(same).content_hash == read(data).content_hash
    assert read(data.replace(b"Alma", b"Elna")).content_hash != read(data).content_hash


@pytest.mark.parametrize(
    ("data", "norwegian"),
    [
        (b'<Bundle xmlns="http://hl7.org/fhir"/>', False),
        (b'<?xml version="1.0"?>\n<!-- <MsgHead> --><Bundle xmlns="http://hl7.org/fhir"/>', False),
        (b'<Bundle xmlns="http://hl7.org/fhir">http://www.kith.no/xmlstds/msghead</Bundle>', False),
        (b"<!-- a - b --><?x y?> <mh:MsgHead ", True),
        (b'<AppRec xmlns="http://www.kith.no/xmlstds/apprec/2004-11-21"/>', True),
        (b"<!DOCTYPE x []><MsgHead>", True),
        (b'<p:Pasientlogistikk xmlns:p="http://www.kith.no/xmlstds/po/Pasientlogistikk/2012-04-01"/>', True),
        (b"<html/>", False),
        (b"<!--" + b"-" * 100_000, False),
    ],
)
def test_which_family_a_message_is_of(data, norwegian):
    begun = time.process_time()
    assert is_norwegian(data) is norwegian
    assert time.process_time() - begun < 0.5
