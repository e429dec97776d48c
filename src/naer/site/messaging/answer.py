"""What goes into the intake and what comes out of it."""

from typing import Any, Literal

import msgspec

from naer.messages.envelope import Incoming, Issue

Acknowledgement = Literal["ok", "ok-with-errors", "fatal-error", "rejected", "transient-error"]
"""MedCom's words; a Norwegian message is ok, ok-with-errors or rejected (AppRec 1, 3, 2)."""


class Raw(msgspec.Struct, frozen=True):
    """A message as it came: its bytes, what the sender says they are, and which way they came."""

    data: bytes
    content_type: str | None = None
    channel: str = "command"
    """http, upload, command, demo, local, answer or folder."""
    to: str = ""
    """Key or id of the one of its receivers whom it was handed to, where the transport knows."""


class Prepared(msgspec.Struct, frozen=True):
    """A message that was read, with what is needed when it is kept; see `prepared.prepare`."""

    channel: str
    incoming: Incoming
    thanks: bytes = b""
    """The positive acknowledgement; empty when it is not foreseen."""
    answer: bytes = b""
    """The same, compressed and sealed."""
    content: bytes = b""
    """What may be kept of the message, compressed and sealed; empty when nothing may."""
    to: str = ""
    """As in `Raw`."""
    indices: tuple[str, ...] = ()
    """Of a notification: every index that the person number may be stored with, see `numbers.indices`."""


class Answer(msgspec.Struct, frozen=True):
    """What became of one message."""

    acknowledgement: Acknowledgement
    body: bytes
    """The Acknowledgement in the format of the message, or the AppRec; an OperationOutcome when none can be
    addressed; empty for a receipt, which is never acknowledged, and where it is agreed (`silence`)."""
    http_status: int
    format: str = "json"
    message_id: str | None = None
    standard: str | None = None
    code: str | None = None
    issues: list[Issue] = []
    """The refusals (severity error or fatal), then where an accepted message departs from the standard
    (severity warning)."""
    duplicate: bool = False
    shown: bool = False
    stored: bool = False
    citizen_status: str = "none"
    citizen: str | None = None
    """Citizen.key, when the citizen is known and the content was kept."""
    pathway: str | None = None
    event: str | None = None
    report_owed: bool = False
    type: str | None = None
    """A Norwegian message's own name, as LOG_INNLAGT, and the `version` of it."""
    version: str | None = None
    thread: str | None = None
    """A CareCommunication's thread, the place (from 1) of the first segment it brings, and how many there
    are now."""
    position: int | None = None
    segments: int | None = None
    media: str = ""

    @property
    def content_type(self) -> str:
        """The media type of `body`."""
        return self.media or f"application/fhir+{self.format}; charset=utf-8"

    def as_json(self, file: str) -> dict[str, Any]:
        """The object that `naer receive --json` prints for the message in `file`."""
        found: dict[str, Any] = {
            "file": file,
            "message_id": self.message_id or None,
            "standard": self.standard or None,
            "code": self.code or None,
            "acknowledgement": self.acknowledgement,
            "issues": [
                {"code": issue.code, "text": issue.text, "path": issue.path, "severity": issue.severity}
                for issue in self.issues
            ],
            "duplicate": self.duplicate,
            "shown": self.shown,
            "stored": self.stored,
            "citizen_status": self.citizen_status,
            "pathway": self.pathway or None,
            "report_owed": self.report_owed,
        }
        standard = self.standard or ""
        if standard == "medcom-carecommunication":
            found |= {"thread": self.thread, "position": self.position, "segments": self.segments}
        elif standard.startswith("plo-"):
            found |= {"type": self.type, "version": self.version}
        return found
