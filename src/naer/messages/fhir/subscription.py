"""Subscriptions: which elements are taken, and how one is told (FHIR R4, Subscription)."""

import re
from collections.abc import Sequence

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element, given, moment
from naer.messages.fhir.shape import Shape

STATUS = "requested|active|error|off"
JSON = "application/fhir+json"
SHAPE: Shape = {
    "status!": STATUS,
    "contact*": {"system": "phone|fax|email|pager|url|sms|other", "value": "string", "use": "code"},
    "end": "instant",
    "reason!": "string",
    "criteria!": "string",
    "error": "string",
    "channel!": {
        "type!": "rest-hook|websocket|email|sms|message",
        "endpoint": "uri",
        "payload": "code",
        "header*": "string",
    },
}
HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):[ \t]*([\x20-\x7e]{0,2000})")
OWN_HEADERS = frozenset(
    {"host", "content-length", "content-type", "connection", "transfer-encoding", "upgrade", "te", "expect"}
)
"""Headers that are the sender's own business."""


def headers(lines: Sequence[str]) -> dict[str, str] | None:
    """Lines `Name: value` as headers; None when one is none, or is not theirs to set."""
    found = {}
    for line in lines:
        parts = HEADER.fullmatch(line)
        if parts is None or parts[1].lower() in OWN_HEADERS:
            return None
        found[parts[1]] = parts[2].strip()
    return found


def subscription(
    key: str,
    status: str,
    reason: str,
    criteria: str,
    endpoint: str,
    payload: str,
    end: Instant | None,
    error: str,
) -> Element:
    """The resource. Headers are left out: they may hold a secret."""
    channel = given({"type": "rest-hook", "endpoint": endpoint, "payload": payload})
    return given(
        {
            "resourceType": "Subscription",
            "id": key,
            "status": status,
            "end": moment(end),
            "reason": reason,
            "criteria": criteria,
            "error": error,
            "channel": channel,
        }
    )
