"""Letters and receipts of both countries about people who cannot exist, written as their senders would."""

from typing import Any

import msgspec

from naer.events.instant import HOUR, Instant
from naer.messages.content import Conversation, Episode, Fact, Letter, Party, Person, Segment
from naer.messages.envelope import Format, Incoming, Issue
from naer.messages.medcom import acknowledgement
from naer.messages.medcom.codes import CPR, ENDPOINT
from naer.messages.plo import apprec
from naer.messages.writing import write
from naer.site.pathways import enrol
from tests.contract.plo import stay_letters as norway
from tests.integration.intake.ward import HOSPITAL, NUMBER, TOWN, counter

ALMA = Person(number=NUMBER, system=CPR, family="Prøve", given=("Alma",))
STRANGER = Person(number="8904904321", system=CPR, family="Ukendt", given=("Bo",))
STAY = "0a0a0a0a-1111-4222-8333-444455556666"
EPISODE = Episode(ENDPOINT + HOSPITAL.sor, STAY, STAY.replace("-", ""))
THREAD = "urn:uuid:0dd5a0f0-aaaa-4aaa-8aaa-000000000001"
SYKEHUS, KOMMUNE, KARI = norway.HOSPITAL, norway.TOWN, norway.PERSON


def fjord() -> None:
    """A Norwegian hospital and municipality in the register, each by its HER ids."""
    for party, role in ((SYKEHUS, "hospital"), (KOMMUNE, "municipality")):
        her = [enrol.Her(party.her), enrol.Her(party.service, "KD0501", party.service_name)]
        enrol.organisation(party.name, role, municipality="4601", her=her)


def segment(number: int, when: Instant, said: str = "", *, new: bool = True) -> Segment:
    return Segment(
        id=f"urn:uuid:0dd5a0f0-bbbb-4bbb-8bbb-{number:012d}",
        at=when,
        text=said or f"Tekst {number}.",
        author="Ib Test Hansen",
        role="sygeplejerske",
        phone="00000000",
        new=new,
    )


def care(message_id: str, when: Instant, *segments: Segment, back: bool = False, **changes: Any) -> Letter:
    """A CareCommunication from the hospital to the town, or `back`."""
    sides = (TOWN, HOSPITAL) if back else (HOSPITAL, TOWN)
    talk: dict[str, Any] = {
        "thread": THREAD,
        "activity": "reply-message" if changes.get("previous") else "new-message",
        "segments": segments or (segment(int(message_id[-1], 36), when),),
        "category": "carecoordination",
    }
    talk |= {name: changes.pop(name) for name in list(changes) if name in Conversation.__struct_fields__}
    given: dict[str, Any] = {
        "type": "CARE_COMMUNICATION",
        "message_id": message_id,
        "sent": when,
        "sender": sides[0],
        "receiver": sides[1],
        "person": ALMA,
        "version": "5.0",
    }
    return Letter(**(given | changes), conversation=Conversation(**talk))


def discharge(type: str, message_id: str, when: Instant, kind: str, **changes: Any) -> Letter:
    """A message of the discharge family, about the stay of `ward.Stay`; from the town when it reports."""
    sides = (TOWN, HOSPITAL) if kind == "admission_report" else (HOSPITAL, TOWN)
    given: dict[str, Any] = {
        "type": type,
        "message_id": message_id,
        "sent": when,
        "sender": sides[0],
        "receiver": sides[1],
        "person": ALMA,
        "episode": EPISODE,
        "facts": (Fact(kind=kind, at=when - HOUR),),
        "notes": (("Bemærkning", "Som aftalt."),),
    }
    return Letter(**(given | changes))


def standard(letter: Letter) -> str:
    """The standard that a letter of this type is written in."""
    if letter.conversation is not None and letter.type == "CARE_COMMUNICATION":
        return "medcom-carecommunication"
    if letter.type.startswith(("XDIS", "G-", "XREF")):
        return f"medcom-{letter.type.lower()}"
    return "plo-" + letter.type.lower().replace("_", "-")


def post(letter: Letter, form: Format = "json", sending: str = "x") -> bytes:
    """The bytes of a letter; another `sending` gives another Bundle.id."""
    return write(letter, standard(letter), new_id=counter(f"{letter.message_id}-{sending}"), format=form)


def receipt(message_id: str, *, by: Party, to: Party, name: str, when: Instant, word: str = "ok") -> bytes:
    """A MedCom Acknowledgement named `name`, from the receiver of a message."""
    about = Incoming(format="json", message_id=message_id, sender=to, receiver=by)
    issues = [] if word == "ok" else [Issue("processing", "not understood")]
    ids = iter([f"{name}-a", f"{name}-b", name])
    more = counter(f"{name}-c")
    return acknowledgement.write(
        about,
        answer=word,  # type: ignore[arg-type]
        issues=issues,
        sender_fallback=by,
        now=when,
        new_id=lambda: next(ids, None) or more(),
    )


def appreceipt(letter: Letter, *, name: str, when: Instant, word: str = "ok") -> bytes:
    """An AppRec named `name` for a Norwegian letter."""
    about = Incoming(
        format="xml",
        standard=standard(letter),
        message_id=letter.message_id,
        sender=letter.sender,
        receiver=letter.receiver,
        sent=letter.sent,
        letter=letter,
    )
    issues = [] if word == "ok" else [Issue("T02", "does not validate")]
    return apprec.write(about, answer=word, issues=issues, now=when, new_id=lambda: name)  # type: ignore[arg-type]


def changed(letter: Letter, **changes: Any) -> Letter:
    return msgspec.structs.replace(letter, **changes)
