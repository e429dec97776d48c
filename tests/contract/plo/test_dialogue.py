"""Dialogue messages become conversations; what is answered about a ready patient stays a text."""

import base64

import pytest

from naer.messages.plo import types
from tests.contract.plo.sample import codes, flagged, received

XHTML = (
    "<p:Notat><p:TemaKodet V='2'/><p:TekstNotatInnhold><div xmlns='http://www.w3.org/1999/xhtml'>"
    "<p>Første\n  linje <b>fet</b></p><p>andre<br/>tredje</p><script>nei</script></div></p:TekstNotatInnhold>"
    "</p:Notat>"
)
ASKED = (
    "<p:Foresporsel><p:TypeForesp V='2' S='2.16.578.1.12.4.1.1.8336'/><p:EmneSporsmal>Tid</p:EmneSporsmal>"
    "<p:Sporsmal>Når kommer hun?</p:Sporsmal><p:Begrunnelse>Vi planlegger.</p:Begrunnelse>"
    "<p:Hastegrad V='2'/>"
    "<p:DokIdForesp>spm-1</p:DokIdForesp><p:RollerRelatertNotat><p:RoleToPatient V='9'/>"
    "<p:HealthcareProfessional><p:FamilyName>Berg</p:FamilyName><p:GivenName>Nina</p:GivenName>"
    f"<p:TeleCom><fk1:TeleAddress xmlns:fk1='{types.FK1}' V='tel:5550'/></p:TeleCom>"
    "</p:HealthcareProfessional></p:RollerRelatertNotat></p:Foresporsel>"
)


def file(content: str, more: str = "") -> str:
    return (
        '<Document><RefDoc><MsgType V="A"/><Id>vedlegg-1</Id><MimeType>application/pdf</MimeType>'
        f"<Description>Plan</Description>{more}<Content>"
        f'<b:Base64Container xmlns:b="{types.BASE64}">{content}</b:Base64Container>'
        "</Content></RefDoc></Document>"
    )


def test_a_question():
    letter = received("DIALOG_FORESPORSEL", ASKED, version="v1.1", id="m1").letter
    said = letter.conversation
    assert (said.thread, said.activity, said.previous) == ("m1", "new-message", "")
    assert (said.category, said.topic, said.priority) == ("2", "Tid", "2")
    (segment,) = said.segments
    assert (segment.id, segment.text, segment.new) == ("spm-1", "Når kommer hun?", True)
    assert (segment.author, segment.role, segment.phone) == ("Nina Berg", "9", "5550")
    assert segment.at == letter.sent
    assert letter.details["segment1.kind"] == "question"
    assert letter.details["segment1.remark"] == "Vi planlegger."
    assert letter.details["category_list"] == "8336"


def test_an_answer_joins_the_thread_of_its_question():
    letter = received("DIALOG_SVAR", parent="m2", root="m1", id="m3").letter
    said = letter.conversation
    assert (said.thread, said.activity, said.previous) == ("m1", "reply-message", "m2")
    (fact,) = letter.facts
    assert (fact.kind, fact.attributes["answers"]) == ("answer", "m2")


def test_the_question_that_is_answered_may_be_quoted():
    body = f"<p:Notat><p:TemaKodet V='2'/><p:TekstNotatInnhold>Fredag</p:TekstNotatInnhold>{ASKED}</p:Notat>"
    letter = received("DIALOG_SVAR", body, version="v1.1").letter
    assert [(one.text, one.new) for one in letter.conversation.segments] == [
        ("Fredag", True),
        ("Når kommer hun?", False),
    ]
    assert letter.details["segment2.kind"] == "quoted"


def test_xhtml_becomes_lines_of_text():
    (segment,) = received("DIALOG_HELSEFAGLIG", XHTML).letter.conversation.segments
    assert segment.text == "Første linje fet\nandre\ntredje"


@pytest.mark.parametrize("words", ["Vi kan ta imot.", "Vi kan ikke ta imot.", "kan/kan ikke"])
def test_the_answer_about_a_ready_patient_is_never_read_as_yes_or_no(words):
    """No element says it (handbook, 3.3): that and when it was answered is all that a message tells."""
    body = f"<p:Notat><p:TemaKodet V='7'/><p:TekstNotatInnhold>{words}</p:TekstNotatInnhold></p:Notat>"
    letter = received("DIALOG_HELSEFAGLIG", body, parent="klar-1").letter
    (fact,) = letter.facts
    assert (fact.kind, fact.at) == ("municipality_answer", letter.sent)
    assert fact.attributes == {"answers": "klar-1"}


def test_seven_of_another_list_is_no_answer_about_a_ready_patient():
    body = "<p:Notat><p:TemaKodet V='7' S='2.16.578.1.12.4.1.1.8117'/></p:Notat>"
    (fact,) = received("DIALOG_HELSEFAGLIG", body).letter.facts
    assert fact.kind == "correspondence"


def test_segments_have_ids_that_differ():
    entry = "<p:Notat><p:TemaKodet V='2'/><p:DokIdNotat>samme</p:DokIdNotat></p:Notat>"
    said = received("DIALOG_HELSEFAGLIG", entry + entry, id="m1").letter.conversation
    assert [one.id for one in said.segments] == ["samme", "m1~2"]


def test_files_beside_the_message_are_segments():
    data = b"%PDF-1.7 \xff\x00"
    letter = received("DIALOG_HELSEFAGLIG", documents=file(base64.b64encode(data).decode())).letter
    attached = letter.conversation.segments[-1]
    assert attached.is_attachment
    assert (attached.id, attached.title, attached.content_type) == ("vedlegg-1", "Plan", "application/pdf")
    assert attached.data == data


@pytest.mark.parametrize("document", [file("!!!"), file("QQ==", '<Compression V="1"/>')])
def test_a_file_that_cannot_be_read_is_told(document):
    incoming = received("DIALOG_HELSEFAGLIG", documents=document)
    assert codes(incoming) == []
    assert [issue.code for issue in incoming.partial] == ["X99"]
    assert len(incoming.letter.conversation.segments) == 1


def test_a_message_without_words_is_flagged():
    assert flagged(received("DIALOG_HELSEFAGLIG", "")) == ["value"]
