"""What messages say, in terms that every standard shares: facts, persons, conversations, letters to be sent.

A reader (`medcom`, `plo`, `fhir`) turns bytes into these; a writer turns these into bytes. What a standard
cannot carry is not here. Reprs leave the person out, for logs and tracebacks.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from naer.events.instant import Instant

Scalar = str | int | float | bool
Activity = Literal["new-message", "reply-message", "forward-message"]
Status = Literal["new", "change", "cancel", "addition", "history"]


class Party(msgspec.Struct, frozen=True):
    """An organisation as a message names it; an id that was not given is empty.

    Denmark: SOR id and location number. Norway: `her` is the HER id of the organisation, `service` that of
    the service (or of the doctor) within it, and messages are routed by the latter when there is one.
    """

    sor: str = ""
    gln: str = ""
    name: str = ""
    her: str = ""
    service: str = ""
    service_name: str = ""


class Episode(msgspec.Struct, frozen=True):
    """One episode-of-care id: as sent, and the normalised key that joins messages."""

    system: str
    original: str
    key: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """The patient, as a message names one.

    `system` is the URN or code of the register that gave `number` (CPR, FNR, DNR …); `others` are further
    (system, number) pairs, such as replacement numbers. `born` is ISO 8601, "" when it was not said.
    """

    number: str
    system: str = ""
    family: str = ""
    given: tuple[str, ...] = ()
    born: str = ""
    sex: str = ""
    others: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return "Person(…)"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a message says, in the vocabulary of `naer.events.kinds`.

    The site makes it an event: it adds citizen, organisation, municipality and pathway. `suffix` tells the
    facts of one message apart: the event id is the message id, with `~suffix` unless it is empty. `precision`
    is "day" when only a date was said; `at` is then its first instant in the country's time.
    """

    kind: str
    at: Instant
    attributes: Mapping[str, Scalar] = {}
    suffix: str = ""
    precision: Literal["instant", "day"] = "instant"


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a conversation: a text, or an attachment (`title`, `content_type`, `data` or `url`).

    `new` says that this message brings it, not quotes it. `data` is None when the content was left out.
    `assigner` is the SOR id or location number of the organisation that wrote it, `created` is when a file
    was made.
    """

    id: str
    at: Instant
    text: str = ""
    author: str = ""
    role: str = ""
    phone: str = ""
    title: str = ""
    content_type: str = ""
    data: bytes | None = None
    url: str = ""
    assigner: str = ""
    new: bool = True
    created: Instant | None = None

    @property
    def is_attachment(self) -> bool:
        """Whether it is a file or link rather than a text."""
        return bool(self.content_type or self.url or self.title or self.data is not None)

    def __repr__(self) -> str:
        return f"Segment(id={self.id!r}, at={self.at!r}, …)"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier message of a conversation, as a later one repeats it (Denmark: one Provenance each).

    `agent` is the SOR id or location number of its sender, `segments` the ids it brought; `previous` is a
    message id, or location number and letter id around a `#` for one in the old format.
    """

    message_id: str
    activity: str
    sent: Instant
    agent: str = ""
    segments: tuple[str, ...] = ()
    previous: str = ""


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """What a message in a conversation says: CareCommunication, or a Norwegian dialogue message.

    `thread` joins its messages; `previous` is the message it answers or forwards, "" for the first.
    `segments` are all it carries, quoted ones included. `from_unit` and `to_unit` are the specific sender and
    recipient inside the organisations: a team, or with `from_role` and `to_role` a person in that role.
    `chain` holds the earlier messages, oldest first.
    """

    thread: str
    activity: Activity
    segments: tuple[Segment, ...]
    category: str = ""
    topic: str = ""
    priority: str = ""
    previous: str = ""
    from_unit: str = ""
    to_unit: str = ""
    from_role: str = ""
    to_role: str = ""
    chain: tuple[Step, ...] = ()

    def __repr__(self) -> str:
        return f"Conversation(thread={self.thread!r}, activity={self.activity!r}, …)"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One message to be written, or as one was read: the same value both ways.

    `type` is the standard's own name (CARE_COMMUNICATION, XDIS16, LOG_INNLAGT …), `version` its version.
    `parent` is the message it answers, changes or cancels, `root` the first of that line; "" when it is the
    first. `episode` is the episode-of-care id where the standard has one. `notes` are (heading, text) pairs
    for people. `details` are further values of the standard, by documented name.
    """

    type: str
    message_id: str
    sent: Instant
    sender: Party
    receiver: Party
    person: Person
    version: str = ""
    status: Status = "new"
    parent: str = ""
    root: str = ""
    episode: Episode | None = None
    facts: tuple[Fact, ...] = ()
    conversation: Conversation | None = None
    notes: tuple[tuple[str, str], ...] = ()
    details: Mapping[str, Scalar] = {}
    copies: tuple[Party, ...] = ()
    """Other receivers (OtherReceiver); an obligation is never met by a copy."""

    def __repr__(self) -> str:
        return f"Letter(type={self.type!r}, message_id={self.message_id!r}, status={self.status!r}, …)"
