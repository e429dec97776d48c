"""What a care message says beside its events: documented values, and notes for people."""

from tests.contract.plo.sample import SERVICE, codes, note, notes, received

START = (
    "<TilleggsopplysningPasient><SivilStatus V='6'/><BorAlene>true</BorAlene></TilleggsopplysningPasient>"
    "<ParorendeForesatt><Slektskap V='2'/><Referanseperson><fk1:FamilyName>Prøvesen</fk1:FamilyName>"
    "<fk1:GivenName>Per</fk1:GivenName><fk1:TeleCom><fk1:TeleAddress V='tel:5551'/></fk1:TeleCom>"
    "</Referanseperson></ParorendeForesatt>"
    "<KontaktpersonHelsepersonell><Kontaktperson><fk1:TypeHealthcareProfessional V='LE'/>"
    "<fk1:RoleToPatient V='19'/><fk1:FamilyName>Lege</fk1:FamilyName><fk1:Ident><fk1:Id>7</fk1:Id>"
    "<fk1:TypeId V='HPR'/></fk1:Ident></Kontaktperson></KontaktpersonHelsepersonell>"
)
DIAGNOSIS = (
    "<InfoMedisinskDiagnose><MedisinskDiagnose><Hoveddiagnose>true</Hoveddiagnose>"
    "<Diagnosekode V='S720' DN='Brudd' S='2.16.578.1.12.4.1.1.7110'/></MedisinskDiagnose>"
    "</InfoMedisinskDiagnose>"
)
MEDICINE = (
    "<epj3:Legemiddelinfo m1:basiskomponenttype='EPJ dokument' komponentID='k'"
    " m1:komponenttype='2.16.578.1.12.4.1.6.13.10301.0'><epj3:ForenkletForskrivning><epj3:Forskrivningsinfo>"
    "<epj3:DosVeiledEnkel>1 kl 08</epj3:DosVeiledEnkel><epj3:Navn>Prøvium</epj3:Navn>"
    "<epj3:Styrke V='5' U='mg'/></epj3:Forskrivningsinfo></epj3:ForenkletForskrivning></epj3:Legemiddelinfo>"
)
FUNCTION = (
    "<InfoKartleggingFunksjonsniva><KartlagtFunksjon><Funksjonsvariabel V='3'/><Vurdering>4</Vurdering>"
    "</KartlagtFunksjon></InfoKartleggingFunksjonsniva>"
)


def test_an_admission_report_keeps_what_it_says():
    body = DIAGNOSIS + notes(note("FA", "  Bor alene.\n  Har hund. ", "9142")) + MEDICINE + SERVICE + FUNCTION
    incoming = received("INNLEGGELSESRAPPORT", body, start=START)
    assert codes(incoming) == []
    letter = incoming.letter
    assert letter.notes == (("Overskrift FA", "Bor alene.\n  Har hund."),)
    said = dict(letter.details)
    assert said.pop("issued")
    assert said == {
        "marital": "6",
        "lives_alone": True,
        "contact1.kind": "relative",
        "contact1.role": "2",
        "contact1.name": "Per Prøvesen",
        "contact1.phone": "5551",
        "contact2.kind": "professional",
        "contact2.role": "19",
        "contact2.type": "LE",
        "contact2.name": "Lege",
        "contact2.id": "7",
        "contact2.id_type": "HPR",
        "diagnosis1.code": "S720",
        "diagnosis1.list": "7110",
        "diagnosis1.text": "Brudd",
        "diagnosis1.main": True,
        "note1.code": "FA",
        "note1.list": "9142",
        "medicine1.name": "Prøvium",
        "medicine1.dose": "1 kl 08",
        "medicine1.strength": "5",
        "medicine1.unit": "mg",
        "service1.private": False,
        "function1.variable": "3",
        "function1.value": "4",
    }


def test_empty_and_missing_are_not_the_same_fact():
    empty = received("MEDISINSKE_OPPLYSNINGER", start="<TilleggsopplysningPasient/>").letter
    false = received(
        "MEDISINSKE_OPPLYSNINGER",
        start="<TilleggsopplysningPasient><BorAlene>0</BorAlene></TilleggsopplysningPasient>",
    ).letter
    assert "lives_alone" not in empty.details
    assert false.details["lives_alone"] is False


def test_a_text_is_kept_without_what_a_page_cannot_show():
    letter = received("INNLEGGELSESRAPPORT", notes(note("1", "a\u2028b\r\nc\u200bd"))).letter
    ((_, text),) = letter.notes
    assert text == "a b\nc d"


def test_a_doctor_is_a_service_of_the_office():
    letter = received(receiver=("Prøve legesenter", "9901", "", "9902")).letter
    assert (letter.receiver.her, letter.receiver.service) == ("9901", "9902")
    assert letter.receiver.service_name == "Ola Lege"
    assert letter.details["receiver_professional"] is True
    assert "sender_professional" not in letter.details
