"""Handing one message over: the ways out, and what came of a try.

A transport never raises for what the partner's side does. It answers `Handed`, `Again` (trouble that may
pass: it is tried again) or `Never` (the partner does not take it like this: a person is needed).
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from naer.messages.envelope import Format
from naer.site.messaging.connections import Connection

if TYPE_CHECKING:
    from naer.site.messaging.models import OutgoingMessage


@dataclass(frozen=True, slots=True)
class Parcel:
    """One sending: bytes, what they are, and a name for a file of their own."""

    data: bytes
    format: Format
    standard: str
    message_id: str
    bundle_id: str
    name: str

    @property
    def content_type(self) -> str:
        """The media type: FHIR for MedCom messages, plain XML for Norwegian ones."""
        kind = "fhir+" if self.standard.startswith(("medcom-", "fhir-")) else ""
        return f"application/{kind}{self.format}; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Handed:
    """The partner has it. `receipt` is the message it answered with at once, if it did."""

    detail: str = ""
    receipt: bytes = b""
    receipt_type: str = ""
    final: bool = False
    """Whether the partner's answer itself is the receipt, and none is to come."""


@dataclass(frozen=True, slots=True)
class Again:
    """It was not handed over, by trouble that may pass."""

    detail: str


@dataclass(frozen=True, slots=True)
class Never:
    """It was not taken, and trying the same again is of no use."""

    detail: str


Outcome = Handed | Again | Never
Hook = Callable[["OutgoingMessage", bytes], Outcome]

HOOKS = {"rest-hook": "naer.site.fhir.rest_hook"}
"""Transports that a message brings with it, without a connection: name → module with `deliver`, a `Hook`."""


def hook_of(transport: str) -> Hook | None:
    """What delivers messages of a transport of its own; None for all others."""
    name = HOOKS.get(transport)
    if name is None:
        return None
    hook: Hook = import_module(name).deliver
    return hook


def target(connection: Connection) -> str:
    """Where a message goes, for the record: folder or address, without parameters or secrets."""
    if connection.transport != "http":
        return connection.address
    parts = urlsplit(connection.address)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def hand_over(parcel: Parcel, connection: Connection) -> Outcome:
    """Try once to hand `parcel` over to a partner outside this installation."""
    if connection.transport == "file":
        from naer.site.messaging import transport_file

        return transport_file.drop(parcel, connection)
    from naer.site.messaging import transport_http

    return transport_http.post(parcel, connection)
