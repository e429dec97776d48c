"""What every message is once it is read: who sent it to whom, whether it may be accepted, what it says."""

from typing import Literal

import msgspec

from naer.events.instant import Instant
from naer.messages.content import Episode, Letter, Party

Format = Literal["json", "xml"]
Severity = Literal["fatal", "error", "warning", "information"]


class Issue(msgspec.Struct, frozen=True):
    """One finding about a message.

    `code` is a MedCom error code (MSG_…) or an HL7 issue type (required, structure, value, invariant …).
    `path` is the FHIR path of the element. Texts never repeat a value of the message.
    Severity "fatal" and "error" refuse the message; a *flag* is an issue of severity "warning".
    """

    code: str
    text: str
    path: str = ""
    severity: Severity = "error"


def flag(code: str, text: str, path: str = "") -> Issue:
    """A departure from the standard that does not refuse the message."""
    return Issue(code, text, path, "warning")


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What a HospitalNotification says, and nothing it may not say.

    `names` are full names, the official one first. `deceased` is None when the message is silent.
    `activity`, `role` and `previous` come from the newest Provenance: `previous` is the id of the
    MessageHeader it points to, `previous_activity` that one's activity when the chain holds it.
    `episodes` has the hospital's own id first. Its repr leaves the person out, for logs and tracebacks.
    """

    message_id: str
    person_number: str
    names: tuple[str, ...]
    deceased: bool | None
    encounter_class: str
    status: str
    activity: str
    previous_activity: str | None
    start: Instant
    end: Instant | None
    leave_start: Instant | None
    leave_end: Instant | None
    episodes: tuple[Episode, ...]
    report_requested: bool | None
    report_recipient: Party | None
    sent: Instant
    previous: str | None
    role: str
    service_provider: Party

    def __repr__(self) -> str:
        return f"Notification(message_id={self.message_id!r}, activity={self.activity!r}, …)"

    @property
    def episode(self) -> Episode:
        """The episode id to answer with: the hospital's own when there are several."""
        return self.episodes[0]


class Response(msgspec.Struct, frozen=True):
    """What an Acknowledgement says: about which message, which answer, and why.

    `chained_to` is the header its Provenance names; when it is not `message_id`, the match is in doubt.
    """

    message_id: str
    code: str
    issues: tuple[Issue, ...] = ()
    chained_to: str | None = None


class Sent(msgspec.Struct, frozen=True):
    """The newest Provenance of a message, as far as its acknowledgement must repeat it."""

    id: str
    target: str
    occurred: str
    recorded: str
    activity: str
    role: str = ""
    previous: str = ""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """One message as it was read. With `issues` it is refused (fatal-error), however much was understood.

    `content_hash` is the SHA-256 of the canonical content without Bundle.id and Bundle.timestamp, equal
    for every writing of the same JSON; unreadable bytes are hashed as they are. `header` is the newest
    Provenance, for the acknowledgement. A HospitalNotification is in `notification`, a receipt in `response`,
    every other message in `letter`. `partial` is what could not be used of a message that is accepted: the
    sender is told (AppRec status 3), unlike of `flags`. `trimmed` is a copy without the content that the
    law forbids, to be stored in the message's place; None when the message may be kept as it came.
    """

    format: Format
    standard: str = ""
    bundle_id: str = ""
    message_id: str = ""
    content_hash: str = ""
    sender: Party | None = None
    receiver: Party | None = None
    sent: Instant | None = None
    issues: list[Issue] = []
    partial: list[Issue] = []
    flags: list[Issue] = []
    notification: Notification | None = None
    response: Response | None = None
    letter: Letter | None = None
    header: Sent | None = None
    trimmed: bytes | None = None

    def __repr__(self) -> str:
        known = f"{self.format}, {self.standard!r}, message_id={self.message_id!r}"
        return f"Incoming({known}, issues={self.issues!r}, flags={self.flags!r}, …)"

    @property
    def answerable(self) -> bool:
        """Whether an Acknowledgement can be addressed; an Acknowledgement itself never gets one."""
        return bool(self.message_id and self.sender is not None and self.response is None)
