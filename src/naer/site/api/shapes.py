"""What the JSON API takes and gives: times as ISO 8601 in UTC, people and organisations by key."""

import datetime as dt
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import ConfigDict

Key = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f]+$")]
Words = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*\S[^\x00]*$")]
Text = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
Time = Annotated[str, Field(max_length=40, examples=["2026-03-02T10:00:00Z"])]
State = Literal["waiting", "sent", "acknowledged", "refused", "late", "failed", "given-up"]


class Problem(Schema):
    """Why a request was refused, and what would be right."""

    detail: str


class Finding(Schema):
    """What was found about a message; texts never repeat its values."""

    code: str
    text: str
    path: str = ""
    severity: str = ""


class MessageIn(Schema):
    """One message that came in, without its content."""

    id: int
    message_id: str
    standard: str
    code: str
    received: Time
    sent: Time | None
    sender: str
    receiver: str
    channel: str
    acknowledgement: str
    issues: list[Finding]
    flags: list[Finding]
    duplicate: bool
    stored: bool
    citizen: str | None
    pathway: str | None


class MessageOut(Schema):
    """One message written here, with where it stands, why, and what to do."""

    id: int
    message_id: str
    standard: str
    type: str
    state: State
    reason: str
    todo: str
    sender: str
    receiver: str
    created: Time
    sent: Time | None
    receipt_due: Time | None
    attempts: int
    next_attempt: Time | None
    last_error: str
    citizen: str | None
    pathway: str | None
    obligation: str


class Owed(Schema):
    """One obligation: who owes what to whom, by when, and where it stands."""

    id: int
    agreement: str
    clause: str
    trigger: str
    citizen: str
    pathway: str
    owed_by: str
    owed_to: str
    start: Time
    due: Time | None
    outcome: Literal["", "kept", "late", "missing", "released", "superseded"]
    overdue: bool


class MessagesIn(Schema):
    """A page of messages in, newest first; at most 10,000 are counted and turned to."""

    items: list[MessageIn]
    count: int
    pages: int


class MessagesOut(Schema):
    """A page of messages out, newest first; at most 10,000 are counted and turned to."""

    items: list[MessageOut]
    count: int
    pages: int


class Obligations(Schema):
    """A page of obligations, the one that is due first first; at most 10,000 are counted and turned to."""

    items: list[Owed]
    count: int
    pages: int


class GivingUp(Schema):
    """Why a message is given up."""

    model_config = ConfigDict(extra="forbid")

    reason: Words


class ReadyAnswer(Schema):
    """Whether a municipality can receive a citizen who is ready, and from when."""

    model_config = ConfigDict(extra="forbid")

    citizen: Key
    pathway: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f]+$")]
    receiver: Key
    can_receive: bool
    since: Time | None = None
    note: Text = ""
    role: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = ""
    phone: Annotated[str, Field(max_length=40, pattern=r"^[0-9 +()-]*$")] = ""
    """Where the receiver can call back; a Danish message needs one."""


class Fault(Schema):
    """What is wrong with a Norwegian message as such (code list 8117); never wrong health content."""

    model_config = ConfigDict(extra="forbid")

    fault: Literal["wrong-addressee", "lacking-information", "other"]
    text: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*\S[^\x00]*$")]
    phone: Annotated[str, Field(max_length=40, pattern=r"^[0-9 +()-]*$")] = ""


class Absence(Schema):
    """That nobody is there to act on a Norwegian message: first and last day, whether it was passed on."""

    model_config = ConfigDict(extra="forbid")

    since: dt.date | None = None
    until: dt.date | None = None
    passed_on: bool = False
    note: Text = ""


class Said(Schema):
    """The message that carries an answer, and the event it is."""

    message_id: str
    citizen: str
