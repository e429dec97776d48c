"""Writes HospitalNotifications, as a hospital does: for the demo's hospitals and for tests."""

from collections.abc import Callable, Sequence

import msgspec

from naer.events.instant import Instant
from naer.messages.content import Party, Person
from naer.messages.envelope import Format
from naer.messages.medcom import writing
from naer.messages.medcom.codes import (
    ACTIVITIES,
    CLASS_SYSTEM,
    CORE,
    CPR,
    ENDPOINT,
    HOSPITAL_NOTIFICATION,
    LEAVE_PERIOD,
    REPORT_RECIPIENT,
    REPORT_REQUESTED,
    amends,
    family,
)
from naer.messages.medcom.narrative import narrated
from naer.messages.medcom.writing import Resource

BASE = "https://medcomfhir.dk/ig/hospitalnotification/"


class Link(msgspec.Struct, frozen=True):
    """One message in the provenance chain of a stay."""

    header: str
    activity: str
    sent: Instant
    previous: str = ""
    role: str = ""


def extend(
    chain: Sequence[Link], code: str, header: str, sent: Instant, encounter_class: str = ""
) -> tuple[Link, ...]:
    """The chain with the message `code` at its end.

    A death, its correction and its cancellation repeat the activity before them. `encounter_class`,
    EMER or IMP, defaults to the chain's.
    """
    kind = encounter_class or _class(chain, code)
    activity = _activity(chain, code, kind)
    previous = chain[-1].header if chain else ""
    role = ("removal" if code.startswith("AN_") else "revision") if chain else ""
    return (*chain, Link(header, activity, sent, previous, role))


def write(
    code: str,
    *,
    person: Person,
    sender: Party,
    receiver: Party,
    episodes: Sequence[str | tuple[str, str]],
    header: str,
    sent: Instant,
    start: Instant,
    new_id: Callable[[], str],
    chain: Sequence[Link] = (),
    end: Instant | None = None,
    leave_start: Instant | None = None,
    leave_end: Instant | None = None,
    encounter_class: str = "",
    status: str = "",
    deceased: bool | None = None,
    report_requested: bool | None = None,
    report_recipient: Party | None = None,
    service_provider: Party | None = None,
    narrative: bool = False,
    format: Format = "json",
) -> bytes:
    """A HospitalNotification of one of the 18 codes.

    `chain` holds the earlier messages of the stay (see `extend`). An episode is an id of the sender's, or
    (system, id). What the code decides can be overridden: class, status and deceased. The service provider is
    the sender unless given. Status onleave (STOR, AN_SLOR, a death taken back on leave) is only valid with a
    `leave_start`. The Bundle has its own new id and was made when it was sent. With `narrative` each resource
    says in text what it holds, as MedCom asks of messages between organisations.
    """
    links = extend(chain, code, header, sent, encounter_class)
    sending, receiving = writing.organisation(sender, new_id()), writing.organisation(receiver, new_id())
    others: list[Resource] = []

    def organisation(party: Party | None) -> Resource:
        if party is None or party == sender:
            return sending
        others.append(writing.organisation(party, new_id()))
        return others[-1]

    provider = organisation(service_provider)
    extension: list[Resource] = []
    if report_requested is not None:
        extension.append({"url": REPORT_REQUESTED, "valueBoolean": report_requested})
    if report_recipient is not None:
        recipient = writing.reference(organisation(report_recipient))
        extension.append({"url": REPORT_RECIPIENT, "valueReference": recipient})
    patient = _patient(person, new_id(), _deceased(code) if deceased is None else deceased)
    encounter = _encounter(
        new_id(),
        status or _status(code, links[-1].activity),
        encounter_class or _class(links, code),
        patient,
        [(ENDPOINT + sender.sor, one) if isinstance(one, str) else one for one in episodes],
        (start, end),
        (leave_start, leave_end),
        provider,
    )
    head = writing.header(
        header,
        HOSPITAL_NOTIFICATION + "medcom-hospitalNotification-messageHeader",
        "hospital-notification-message",
        (sender, sending),
        (receiver, receiving),
        extension,
    )
    head["focus"] = [writing.reference(encounter)]
    provenances = [
        writing.provenance(
            f"provenance-{link.header}"[:64],
            link.header,
            writing.moment(link.sent),
            link.activity,
            sending,
            role=link.role,
            previous=link.previous,
        )
        for link in links
    ]
    resources = [head, patient, encounter, sending, receiving, *others, *provenances]
    if narrative:
        resources = [narrated(resource) for resource in resources]
    profile = HOSPITAL_NOTIFICATION + "medcom-hospitalNotification-message"
    return writing.written(writing.bundle(new_id(), profile, writing.moment(sent), BASE, resources), format)


def _class(chain: Sequence[Link], code: str) -> str:
    if family(code) == "STAA":
        return "EMER"
    if family(code) in ("STIN", "STOR", "SLOR") or not chain:
        return "IMP"
    return ACTIVITIES[chain[-1].activity].classes[0]


def _activity(chain: Sequence[Link], code: str, encounter_class: str) -> str:
    ward = "emergency" if encounter_class == "EMER" else "inpatient"
    if family(code) == "MORS":
        return chain[-1].activity if chain else f"admit-{ward}"
    plain = {
        "STAA": "admit-emergency",
        "STIN": "admit-inpatient",
        "STOR": "start-leave-inpatient",
        "SLOR": "end-leave-inpatient",
        "SLHJ": f"discharge-{ward}-home",
    }[family(code)]
    return {"RE_": "revise-", "AN_": "cancel-"}.get(code[:3], "") + plain if amends(code) else plain


def _deceased(code: str) -> bool | None:
    return code != "AN_MORS" if family(code) == "MORS" else None


def _status(code: str, activity: str) -> str:
    if code in ("MORS", "RE_MORS"):
        return "finished"
    return ACTIVITIES[activity].status


def _patient(person: Person, name: str, deceased: bool | None) -> Resource:
    called: Resource = {"use": "official", "family": person.family}
    if person.given:
        called["given"] = list(person.given)
    resource: Resource = {
        "resourceType": "Patient",
        "id": name,
        "meta": {"profile": [CORE + "medcom-core-patient"]},
        "identifier": [{"system": CPR, "value": person.number}],
        "name": [called],
    }
    return resource if deceased is None else resource | {"deceasedBoolean": deceased}


def _period(span: tuple[Instant | None, Instant | None]) -> Resource:
    return {key: writing.moment(at) for key, at in zip(("start", "end"), span, strict=True) if at is not None}


def _encounter(
    name: str,
    status: str,
    encounter_class: str,
    patient: Resource,
    episodes: Sequence[tuple[str, str]],
    stay: tuple[Instant, Instant | None],
    leave: tuple[Instant | None, Instant | None],
    provider: Resource,
) -> Resource:
    resource: Resource = {
        "resourceType": "Encounter",
        "id": name,
        "meta": {"profile": [HOSPITAL_NOTIFICATION + "medcom-hospitalNotification-encounter"]},
    }
    if leave != (None, None):
        resource["extension"] = [{"url": LEAVE_PERIOD, "valuePeriod": _period(leave)}]
    return resource | {
        "status": status,
        "class": {"system": CLASS_SYSTEM, "code": encounter_class},
        "subject": writing.reference(patient),
        "episodeOfCare": [{"identifier": {"system": system, "value": value}} for system, value in episodes],
        "period": _period(stay),
        "serviceProvider": writing.reference(provider),
    }
