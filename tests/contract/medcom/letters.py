"""Letters between a hospital and a municipality about people who cannot exist."""

import json
from typing import Any

from naer.messages.content import Conversation, Episode, Letter, Person, Segment
from naer.messages.envelope import Format, Incoming
from naer.messages.medcom import carecommunication, discharge
from naer.messages.medcom.codes import CPR, ENDPOINT
from naer.messages.medcom.reader import read
from tests.contract.medcom.hospital import EPISODE, HOSPITAL, KEY, MUNICIPALITY, at, counter

THREAD = "urn:uuid:0dd5a0f0-aaaa-4aaa-8aaa-000000000001"
OTHER_THREAD = "urn:uuid:0dd5a0f0-aaaa-4aaa-8aaa-000000000002"
ALMA = Person(number="7201901234", system=CPR, family="Prøvesen", given=("Alma", "Test"))
STAY = Episode(ENDPOINT + HOSPITAL.sor, EPISODE, KEY)
PDF = b"%PDF-1.4 nothing in it"


def named(number: int) -> str:
    """The id of a segment."""
    return f"urn:uuid:0dd5a0f0-bbbb-4bbb-8bbb-{number:012d}"


def text(number: int, when: str, said: str = "", **changes: Any) -> Segment:
    """A text somebody wrote, with all that a new one needs."""
    given: dict[str, Any] = {
        "id": named(number),
        "at": at(when),
        "text": said or f"Tekst {number}.",
        "author": "Ib Test Hansen",
        "role": "sygeplejerske",
        "phone": "00000000",
    }
    return Segment(**(given | changes))


def file(number: int, when: str, **changes: Any) -> Segment:
    """An attached file."""
    given: dict[str, Any] = {
        "id": named(number),
        "at": at(when),
        "title": f"Bilag {number}",
        "content_type": "application/pdf",
        "data": PDF,
    }
    return Segment(**(given | changes))


def care(message_id: str, when: str, *segments: Segment, **changes: Any) -> Letter:
    """A new conversation from the hospital, with one text unless said."""
    said: dict[str, Any] = {
        "thread": THREAD,
        "activity": "new-message",
        "segments": segments or (text(1, when),),
        "category": "carecoordination",
    }
    letter: dict[str, Any] = {
        "type": "CARE_COMMUNICATION",
        "message_id": message_id,
        "sent": at(when),
        "sender": HOSPITAL,
        "receiver": MUNICIPALITY,
        "person": ALMA,
        "version": "5.0",
    }
    talk = {key: changes.pop(key) for key in list(changes) if key in Conversation.__struct_fields__}
    return Letter(**(letter | changes), conversation=Conversation(**(said | talk)))


def written(letter: Letter, format: Format = "json", new_id: Any = None) -> bytes:
    """The bytes of a letter of either kind."""
    writer = carecommunication if letter.conversation is not None else discharge
    return writer.write(letter, new_id=new_id or counter(letter.message_id + "."), format=format)


def came(letter: Letter, format: Format = "json") -> Incoming:
    """The letter as its receiver reads it."""
    return read(written(letter, format))


def broken(letter: Letter) -> dict[str, Any]:
    """The message as a tree that a test may break."""
    return json.loads(written(letter))
