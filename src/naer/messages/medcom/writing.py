"""The parts of every message Naer writes, in FHIR's order of elements: they serve JSON and XML."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from naer.events.instant import SECOND, ZONES, Instant, local
from naer.messages.content import Party
from naer.messages.envelope import Format
from naer.messages.medcom.codes import (
    ACTIVITY_SYSTEM,
    DESTINATION_SYSTEM,
    DESTINATION_USE,
    ENDPOINT,
    EVENT_SYSTEM,
    GLN,
    MESSAGING,
    SOR,
)

Resource = dict[str, Any]

_json = msgspec.json.Encoder()


def written(resource: Resource, form: Format) -> bytes:
    """The resource as bytes in the format asked for."""
    if form == "json":
        return _json.encode(resource)
    from naer.messages.medcom.xml import to_xml

    return to_xml(resource)


@lru_cache(maxsize=1024)
def moment(instant: Instant) -> str:
    """Danish local time with its offset, to the second."""
    return local(instant, ZONES["DK"]).isoformat(timespec="seconds")


@lru_cache(maxsize=1024)
def exact(instant: Instant) -> str:
    """The same, with the fraction of the second when there is one: for times that a reader compares."""
    spec = "microseconds" if instant % SECOND else "seconds"
    return local(instant, ZONES["DK"]).isoformat(timespec=spec)


def reference(resource: Resource) -> Resource:
    """A relative reference to a resource of the same bundle."""
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def endpoint(party: Party) -> str:
    """The address of an organisation: its SOR unit, without one its location number."""
    return ENDPOINT + party.sor if party.sor else f"{GLN}#{party.gln}"


def organisation(party: Party, name: str) -> Resource:
    """An Organization with the ids it has; `name` is its resource id."""
    resource: Resource = {
        "resourceType": "Organization",
        "id": name,
        "meta": {"profile": [MESSAGING + "medcom-messaging-organization"]},
        "identifier": [
            {"system": system, "value": value}
            for system, value in ((SOR, party.sor), (GLN, party.gln))
            if value
        ],
    }
    if party.name:
        resource["name"] = party.name
    return resource


def header(
    name: str,
    profile: str,
    event_code: str,
    sender: tuple[Party, Resource],
    receiver: tuple[Party, Resource],
    extension: Sequence[Resource] = (),
) -> Resource:
    """A MessageHeader from one organisation to another, each given with its resource."""
    resource: Resource = {"resourceType": "MessageHeader", "id": name, "meta": {"profile": [profile]}}
    if extension:
        resource["extension"] = list(extension)
    return resource | {
        "eventCoding": {"system": EVENT_SYSTEM, "code": event_code},
        "destination": [
            {
                "extension": [
                    {"url": DESTINATION_USE, "valueCoding": {"system": DESTINATION_SYSTEM, "code": "primary"}}
                ],
                "endpoint": endpoint(receiver[0]),
                "receiver": reference(receiver[1]),
            }
        ],
        "sender": reference(sender[1]),
        "source": {"endpoint": endpoint(sender[0])},
    }


def provenance(
    name: str,
    target: str,
    occurred: str,
    activity: str,
    agent: Resource,
    *,
    recorded: str = "",
    role: str = "",
    previous: str = "",
) -> Resource:
    """A Provenance of one message; `previous` is the id of the header it follows."""
    resource: Resource = {
        "resourceType": "Provenance",
        "id": name,
        "meta": {"profile": [MESSAGING + "medcom-messaging-provenance"]},
        "target": [{"reference": f"MessageHeader/{target}"}],
        "occurredDateTime": occurred,
        "recorded": recorded or occurred,
        "activity": {"coding": [{"system": ACTIVITY_SYSTEM, "code": activity}]},
        "agent": [{"who": reference(agent)}],
    }
    if previous:
        what = {"reference": f"MessageHeader/{previous}"}
        resource["entity"] = [{"role": role or "revision", "what": what}]
    return resource


def bundle(name: str, profile: str, timestamp: str, base: str, resources: Sequence[Resource]) -> Resource:
    """A message bundle; the first resource is the MessageHeader. `base` begins the entries' full URLs."""
    return {
        "resourceType": "Bundle",
        "id": name,
        "meta": {"profile": [profile]},
        "type": "message",
        "timestamp": timestamp,
        "entry": [
            {"fullUrl": f"{base}{resource['resourceType']}/{resource['id']}", "resource": resource}
            for resource in resources
        ],
    }
