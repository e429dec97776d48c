"""What is refused, and with which code (list 8221), and what is only flagged."""

import pytest

from naer.messages import read
from naer.messages.plo import types
from naer.messages.plo.xml import parse, tree
from tests.contract.plo.sample import (
    ADMITTED,
    NUMBER,
    PATIENT,
    codes,
    event,
    flagged,
    message,
    payload,
    received,
)

UNKNOWN = "<p:Pasientlogistikk xmlns:p='http://www.kith.no/xmlstds/po/Pasientlogistikk/2007-10-16'/>"


def number(kind, value):
    ident = f'<Ident><Id>{value}</Id><TypeId V="{kind}"/></Ident>'
    return f"<Patient><FamilyName>Prøvesen</FamilyName>{ident}</Patient>"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": ""}, "E10"),
        ({"id": "x" * 65}, "E10"),
        ({"id": "a b"}, "E10"),
        ({"sent": "2026-03-02"}, "T02"),
        ({"sent": "i går"}, "T02"),
        ({"receiver": ("Kommune", "", "", "")}, "E21"),
        ({"sender": ("Sykehus", "", "", "")}, "X99"),
        ({"patient": ""}, "E36"),
        ({"patient": "<Patient><FamilyName>Prøvesen</FamilyName></Patient>"}, "E30"),
        ({"patient": number("HPR", NUMBER)}, "E30"),
        ({"patient": number("FNR", "12345678901")}, "E31"),
        ({"patient": number("FNR", NUMBER[:-1])}, "E31"),
        ({"code": "LOG_UKJENT"}, "T10"),
        ({"inside": UNKNOWN}, "T10"),
        ({"inside": ""}, "T10"),
        ({"inside": payload("LOG_DOD")}, "T10"),
        ({"inside": payload("INNLEGGELSESRAPPORT")}, "T10"),
        ({"body": ""}, "T02"),
        ({"body": ADMITTED + ADMITTED}, "T02"),
        ({"body": ADMITTED.replace("<Anslag>false</Anslag>", "")}, "T02"),
        ({"body": ADMITTED.replace(">false<", ">nei<")}, "T02"),
        ({"body": ADMITTED.replace("2026-03-01T07:55:00", "1. mars")}, "T02"),
        ({"body": ADMITTED.replace("TidsfestetHendelse", "Hendelse")}, "T02"),
        ({"body": ADMITTED.replace("<Anslag>", "<Fremmed xmlns='urn:x'/><Anslag>")}, "T02"),
        ({"body": ADMITTED.replace("<Anslag>", "<Anslag xml:lang='nb'>")}, "T02"),
        ({"start": "<SendtDokument/>"}, "T02"),
    ],
)
def test_refused_with_the_code_that_says_why(changes, code):
    kind = changes.get("code", "LOG_INNLAGT")
    rest = {key: value for key, value in changes.items() if key != "code"}
    if kind not in types.TYPES:
        rest["inside"] = payload("LOG_INNLAGT")
    incoming = received(kind, **rest)
    assert codes(incoming)[:1] == [code]
    assert incoming.letter is None


def test_a_refused_message_still_says_whom_to_answer():
    incoming = received(patient="", body=ADMITTED + ADMITTED)
    assert set(codes(incoming)) == {"E36", "T02"}
    assert (incoming.standard, incoming.sender.her, incoming.receiver.her) == (
        "plo-log-innlagt",
        "7101",
        "8801",
    )
    assert incoming.message_id
    assert incoming.answerable


def test_what_has_no_known_type_is_still_answered_as_norwegian():
    unknown = read(message(inside=payload("LOG_INNLAGT")).replace(b'V="LOG_INNLAGT"', b'V="LOG_UKJENT"'))
    assert (unknown.standard, codes(unknown), unknown.answerable) == ("plo-unknown", ["T10"], True)
    cut = read(message()[:-50])
    assert (cut.standard, codes(cut), cut.answerable) == ("plo-unknown", ["T01"], False)


def test_versions_may_not_be_mixed_within_one_message():
    mixed = payload("LOG_INNLAGT").replace(types.COMPONENT["v1.6"], types.COMPONENT["v1.5"])
    assert "T02" in codes(received(inside=mixed))


def test_another_head_is_not_supported():
    data = message().replace(b"msghead/2006-05-24", b"msghead/2004-01-01")
    assert codes(read(data)) == ["T10"]
    assert codes(read(payload("LOG_INNLAGT").encode())) == ["T10"]


def test_the_same_code_under_both_lists_is_the_same():
    """TypeId @S is wrong in many messages: the value decides."""
    data = message().replace(b'V="FNR" S="2.16.578.1.12.4.1.1.8116"', b'V="FNR" S="2.16.578.1.12.4.1.1.9051"')
    assert codes(read(data)) == []


def test_the_number_that_is_preferred_is_the_birth_number():
    refugee = '<Ident><Id>201012345678</Id><TypeId V="DUF"/></Ident>'
    idents = f'{refugee}<Ident><Id>{NUMBER}</Id><TypeId V="FNR"/></Ident>'
    patient = f"<Patient><FamilyName>P</FamilyName>{idents}</Patient>"
    person = received(patient=patient).letter.person
    assert (person.system, person.number) == ("FNR", NUMBER)
    assert person.others == (("DUF", "201012345678"),)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"body": event("", "2026-03-01")}, "code"),
        ({"body": event("2", "2026-03-01")}, "code"),
        ({"body": event("1", "2026")}, "time"),
        ({"body": event("1", "2026-03-20")}, "time"),
        ({"body": event("1", "2025-10-26T02:30:00")}, "time"),
        ({"body": event("1", "2025-03-30T02:30:00")}, "time"),
        ({"body": event("1", "2026-03-01", "true")}, "estimate"),
        ({"status": "M"}, "conversation"),
        ({"status": "C"}, "conversation"),
        ({"status": "Z"}, "value"),
        ({"parent": "11111111-aaaa-4bbb-8ccc-000000000001"}, "value"),
        ({"patient": f'<Patient><Ident><Id>{NUMBER}</Id><TypeId V="FNR"/></Ident></Patient>'}, "E32"),
    ],
)
def test_strange_but_accepted(changes, code):
    incoming = received(**changes)
    assert codes(incoming) == []
    assert flagged(incoming) == [code]


def test_an_ordinary_message_has_no_flag():
    assert flagged(received()) == []


def test_events_that_cannot_be_in_this_order_are_flagged():
    body = event("1", "2026-03-03T10:00:00") + event("3", "2026-03-02")
    assert flagged(received("LOG_UTSKRIVNINGSKLAR", body)) == ["time"]
    same_day = event("1", "2026-03-02T10:00:00") + event("3", "2026-03-02")
    assert flagged(received("LOG_UTSKRIVNINGSKLAR", same_day)) == []


def test_a_message_that_says_no_usable_time_happened_when_it_was_written():
    for body in (
        event("1", "2026"),
        event("2", "2026-03-01"),
        ADMITTED.replace('V="2026-03-01T07:55:00"', ""),
    ):
        (fact,) = received(body=body).letter.facts
        assert fact.kind == "admitted"
        assert (fact.at, fact.attributes["time_missing"]) == (received().sent, True)


def test_a_document_that_cannot_be_used_is_told_and_the_rest_accepted():
    beside = (
        '<Document><RefDoc><MsgType V="A"/><FileReference>\\\\srv\\x.pdf</FileReference></RefDoc></Document>'
    )
    incoming = received(documents=beside)
    assert codes(incoming) == []
    assert [issue.code for issue in incoming.partial] == ["X99"]
    assert incoming.letter is not None
    twice = f'<Document><RefDoc><MsgType V="XML"/><Content>{payload("LOG_DOD")}</Content></RefDoc></Document>'
    incoming = received(documents=twice)
    assert [issue.code for issue in incoming.partial] == ["T10"]
    assert [fact.kind for fact in incoming.letter.facts] == ["admitted"]


def test_nothing_that_is_told_repeats_the_patient():
    data = message(patient=PATIENT.replace(NUMBER, "99999999999"), body=ADMITTED + ADMITTED)
    incoming = read(data)
    told = (
        repr(tree(parse(data)))
        + repr(incoming)
        + repr(incoming.issues)
        + repr(incoming.flags)
        + repr(read(message()).letter)
    )
    for secret in ("99999999999", NUMBER, "Prøvesen", "Alma"):
        assert secret not in told
