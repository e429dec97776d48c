"""What the messages of both countries tell is what the registry of kinds says that they carry."""

import json

from naer.events.kinds import KINDS
from naer.messages import read
from naer.messages.content import Fact, Letter
from naer.messages.medcom import discharge
from naer.messages.medcom.discharge_codes import TYPES as DANISH
from naer.messages.plo.types import TYPES as NORWEGIAN
from tests.contract.fhir.test_bundle import STAY, bundle
from tests.contract.medcom.test_told import BEGIN, HOSPITAL, KAREN, MUNICIPALITY, Ward
from tests.contract.plo import sample

COURSES = (("STAA",), ("STIN", "STOR", "SLOR", "SLHJ"), ("STIN", "MORS"), ("STIN", "AN_STIN"))
SAID_OTHERWISE = {
    "LOG_UTSKREVET": ('<Uttilstand V="1"/>', '<Uttilstand V="2"/>'),
    "DIALOG_HELSEFAGLIG": ('V="7" ', 'V="9" '),
    "HELSEOPPL_SOKNAD": (sample.content("1"), sample.content("2")),
}
"""Norwegian types that tell more kinds, by one of their values."""


def carried(*beginnings: str) -> set[str]:
    """The kinds that the registry says are carried by something that begins so."""
    return {
        kind.name for kind in KINDS.values() if any(one.startswith(beginnings) for one in kind.carried_by)
    }


def told(message: bytes) -> set[str]:
    """The kinds of event that a message tells."""
    incoming = read(message)
    assert incoming.issues == []
    assert incoming.letter is not None
    return {fact.kind for fact in incoming.letter.facts}


def test_notifications() -> None:
    found = set()
    for codes in COURSES:
        ward = Ward()
        for code in codes:
            ward.tell(code)
        found |= {one.kind for one in ward.log}
    assert found == carried("MedCom HospitalNotification")


def test_the_discharge_family() -> None:
    found = set()
    for name, described in DANISH.items():
        for status, kinds in (("new", described.kinds), ("cancel", ("cancelled",))):
            letter = Letter(
                type=name, message_id=f"{name}-{status}", sent=BEGIN, sender=HOSPITAL, receiver=MUNICIPALITY,
                person=KAREN, status=status, parent="first" if status == "cancel" else "",  # type: ignore[arg-type]
                facts=tuple(Fact(kind=kind, at=BEGIN, suffix=kind if place else "")
                            for place, kind in enumerate(kinds) if status == "new"),
                notes=(("Bemærkning", "Tekst."),),
            )  # fmt: skip
            found |= told(discharge.write(letter, new_id=iter(map(str, range(99))).__next__))
    names = tuple(f"MedCom {name}" for name in (*DANISH, "discharge messages"))
    assert found | {"cancelled"} == carried(*names)


def test_norwegian_messages() -> None:
    found = set()
    for name, described in NORWEGIAN.items():
        for form in described.forms:
            message = sample.message(name, version=form.version)
            found |= told(message)
            if name in SAID_OTHERWISE and form == described.forms[0]:
                former, other = SAID_OTHERWISE[name]
                assert former.encode() in message
                found |= told(message.replace(former.encode(), other.encode()))
    assert found - carried("PLO ") == set()
    assert carried("PLO ") - found == {"cancelled", "message_acknowledged"}, "a status, and the AppRec"


def test_stays_of_a_bundle() -> None:
    acute = STAY | {"class": {"code": "EMER"}}
    dead = STAY | {"hospitalization": {"dischargeDisposition": {"coding": [{"code": "exp"}]}}}
    found = set()
    for stay in (STAY, acute, dead):
        found |= told(json.dumps(bundle(stay)).encode())
    assert found == carried("FHIR Bundle (Encounter)")
