"""What a HospitalNotification says, checked: the mandatory refuse, the rest is flagged."""

from naer.events.instant import Instant
from naer.messages import person_number
from naer.messages.content import Episode, Party
from naer.messages.envelope import Notification
from naer.messages.medcom import chain
from naer.messages.medcom.bundle import Bundle, party_of
from naer.messages.medcom.classify import provisional
from naer.messages.medcom.codes import (
    ACTIVITIES,
    ACTIVITY_SYSTEM,
    CPR,
    ENDPOINT,
    LEAVE_PERIOD,
    REPORT_RECIPIENT,
    REPORT_REQUESTED,
    family,
)
from naer.messages.medcom.findings import MAX_ID, Findings, plain
from naer.messages.medcom.resources import (
    Encounter,
    HumanName,
    MessageHeader,
    Organization,
    Patient,
    Period,
    Provenance,
)

CLASSES = ("EMER", "IMP")
STATUSES = ("in-progress", "onleave", "finished", "entered-in-error")
STARTS = ("STAA", "STIN")
MAX_SENT = 255
"""Characters of an episode's system and id together, as they were sent."""


def notification(
    bundle: Bundle,
    header: MessageHeader,
    own: Provenance | None,
    sent: Instant | None,
    findings: Findings,
) -> Notification | None:
    """The notification, or None when a mandatory part is missing; what is wrong goes into `findings`."""
    activities = _activities(bundle, own, findings)
    patient = _patient(bundle, findings)
    encounter = _encounter(bundle, header, findings)
    if patient is None or encounter is None:
        return None
    number = _number(patient, findings)
    if bundle.follow(encounter.subject, Patient) is None:
        findings.flag("not-found", "The stay does not name the patient as its subject.", "Encounter.subject")
    encounter_class, status = _class(encounter, findings), _status(encounter, findings)
    start, end = _period(encounter.period, "Encounter.period", findings)
    if start is None and (encounter.period is None or encounter.period.start is None):
        findings.refuse("required", "Encounter.period.start is missing.", "Encounter.period.start")
    leave_start, leave_end = _leave(encounter, findings)
    if status == "onleave" and leave_start is None:
        findings.refuse("invariant", "Status onleave requires the start of the leave.", "Encounter.extension")
    found = episodes(encounter, findings)
    if not found:
        path = "Encounter.episodeOfCare.identifier"
        findings.refuse("required", "The stay has no episode-of-care id.", path)
    provider = _provider(encounter, bundle, findings)
    requested, recipient = _report(header, bundle)
    deceased = _deceased(patient, findings)
    if not (number and encounter_class and status and found and activities):
        return None
    if own is None or start is None or sent is None:
        return None
    previous = chain.previous_id(own, header.id)
    before = chain.before(bundle.all(Provenance), own, previous, findings)
    said = Notification(
        message_id=header.id,
        person_number=number,
        names=_names(patient),
        deceased=deceased,
        encounter_class=encounter_class,
        status=status,
        activity=own.code,
        previous_activity=before.code if before else None,
        start=start,
        end=end,
        leave_start=leave_start,
        leave_end=leave_end,
        episodes=found,
        report_requested=requested,
        report_recipient=recipient,
        sent=sent,
        previous=previous,
        role=own.role,
        service_provider=provider,
    )
    _conform(said, findings)
    return said


def _activities(bundle: Bundle, own: Provenance | None, findings: Findings) -> bool:
    path = "Provenance.activity"
    if own is None:
        findings.refuse("required", "The message has no Provenance.", "Provenance")
        return False
    for provenance in bundle.all(Provenance):
        codings = provenance.activity.coding if provenance.activity else []
        if provenance.code not in ACTIVITIES:
            findings.refuse(
                "MSG_VALUESET_VALUE_UNKNOWN", "The activity is not one of a HospitalNotification.", path
            )
        elif codings[0].system != ACTIVITY_SYSTEM:
            findings.flag("MSG_CodeSystem_VALUE_UNKNOWN", "The activity names another code system.", path)
    return own.code in ACTIVITIES


def _patient(bundle: Bundle, findings: Findings) -> Patient | None:
    count = bundle.types.count("Patient")
    if count != 1:
        text = "The message has no Patient." if count == 0 else "The message has more than one Patient."
        findings.refuse("required" if count == 0 else "invariant", text, "Patient")
        return None
    return next(iter(bundle.all(Patient)), None)


def _number(patient: Patient, findings: Findings) -> str:
    path = "Patient.identifier"
    official = [one.value for one in patient.identifier if one.system == CPR]
    if not official:
        findings.refuse("invariant", "The patient has no CPR number, the only one allowed here.", path)
        return ""
    number = person_number.clean(official[0])
    if not person_number.is_cpr(number):
        findings.refuse("value", "The person number does not have the shape of one.", path)
        return ""
    if len(official) > 1 and {person_number.clean(other) for other in official} != {number}:
        findings.refuse("invariant", "The patient has more than one person number.", path)
        return ""
    if len(patient.identifier) > 1 or number != official[0]:
        findings.flag("value", "The patient's identifier is not only a plain CPR number.", path)
    return number


def _names(patient: Patient) -> tuple[str, ...]:
    ordered = sorted(patient.name[:10], key=_not_official)
    return tuple(text for text in map(_full, ordered) if text)


def _not_official(name: HumanName) -> bool:
    return name.use != "official"


def _full(name: HumanName) -> str:
    parts = " ".join([*filter(None, name.given), name.family]).strip()
    return plain(parts or name.text)


def _deceased(patient: Patient, findings: Findings) -> bool | None:
    if patient.deceased_date_time is None:
        return patient.deceased_boolean
    findings.flag(
        "structure", "A time of death is sent where only yes or no is asked for.", "Patient.deceased"
    )
    if patient.deceased_boolean is not None:
        return patient.deceased_boolean
    return True


def _encounter(bundle: Bundle, header: MessageHeader, findings: Findings) -> Encounter | None:
    encounters = bundle.all(Encounter)
    for reference in header.focus:
        if (found := bundle.follow(reference, Encounter)) is not None:
            if len(encounters) > 1:
                findings.flag("structure", "The message has more than one Encounter.", "Encounter")
            return found
    if len(encounters) == 1:
        findings.flag("not-found", "The header's focus does not name the Encounter.", "MessageHeader.focus")
        return encounters[0]
    if "Encounter" not in bundle.types:
        findings.refuse("required", "The message has no Encounter.", "Encounter")
    elif encounters:
        findings.refuse(
            "structure", "The header does not say which Encounter is meant.", "MessageHeader.focus"
        )
    return None


def _class(encounter: Encounter, findings: Findings) -> str:
    code = encounter.class_.code if encounter.class_ else ""
    if not code:
        findings.refuse("required", "Encounter.class is missing.", "Encounter.class")
    elif code not in CLASSES:
        findings.refuse("MSG_VALUESET_VALUE_UNKNOWN", "The class must be EMER or IMP.", "Encounter.class")
        return ""
    return code


def _status(encounter: Encounter, findings: Findings) -> str:
    status = encounter.status
    if status == "cancelled":
        findings.flag("value", "Status cancelled is read as entered-in-error.", "Encounter.status")
        return "entered-in-error"
    if not status:
        findings.refuse("required", "Encounter.status is missing.", "Encounter.status")
    elif status not in STATUSES:
        text = f"The status must be one of {', '.join(STATUSES)}."
        findings.refuse("MSG_VALUESET_VALUE_UNKNOWN", text, "Encounter.status")
        return ""
    return status


def _period(period: Period | None, path: str, findings: Findings) -> tuple[Instant | None, Instant | None]:
    if period is None:
        return None, None
    start, end = findings.moment(period.start, path + ".start"), findings.moment(period.end, path + ".end")
    if start is not None and end is not None and end < start:
        findings.flag("business-rule", "The period ends before it starts.", path)
    return start, end


def _leave(encounter: Encounter, findings: Findings) -> tuple[Instant | None, Instant | None]:
    leaves = [one for one in encounter.extension if one.is_a(LEAVE_PERIOD)]
    if len(leaves) > 1:
        findings.flag(
            "structure", "Only the current leave may be sent; the last one is read.", "Encounter.extension"
        )
    if not leaves:
        return None, None
    return _period(leaves[-1].value_period, "Encounter.extension.valuePeriod", findings)


def episodes(encounter: Encounter, findings: Findings) -> tuple[Episode, ...]:
    """The ids of the stay's episode of care, the hospital's own first."""
    path = "Encounter.episodeOfCare.identifier"
    found = []
    for reference in encounter.episode_of_care[:20]:
        identifier = reference.identifier
        key = episode_key(identifier.value) if identifier else ""
        if identifier is None or not key:
            continue
        if len(key) > MAX_ID or not key.isprintable() or len(identifier.system + identifier.value) > MAX_SENT:
            findings.refuse("MSG_Element_To_Long", f"An episode id has up to {MAX_ID} characters.", path)
            continue
        found.append(Episode(identifier.system, identifier.value, key))
    return tuple(sorted(found, key=lambda episode: not episode.system.startswith(ENDPOINT)))


def episode_as_sent(token: str) -> Episode:
    """The episode of an event's attribute `episode_sent`: system and id around the first `|`."""
    system, mark, original = token.partition("|")
    if not mark:
        system, original = "", token
    return Episode(system, original, episode_key(original))


def episode_key(text: str) -> str:
    """An episode id as it is compared: no urn:uuid:, no hyphens, lower case."""
    return text.strip().lower().removeprefix("urn:uuid:").replace("-", "").strip()


def _provider(encounter: Encounter, bundle: Bundle, findings: Findings) -> Party:
    organisation = bundle.follow(encounter.service_provider, Organization)
    if organisation is None:
        findings.flag("required", "The service provider is not in the message.", "Encounter.serviceProvider")
        return Party()
    return _extra(organisation)


def _extra(organisation: Organization) -> Party:
    """An organisation beside sender and receiver, which may have only a SOR id."""
    party = party_of(organisation)
    return Party(party.sor[:MAX_ID], party.gln[:MAX_ID], party.name)


def _report(header: MessageHeader, bundle: Bundle) -> tuple[bool | None, Party | None]:
    requested = recipient = None
    for extension in header.extension:
        if extension.is_a(REPORT_REQUESTED):
            requested = extension.value_boolean
        elif extension.is_a(REPORT_RECIPIENT):
            organisation = bundle.follow(extension.value_reference, Organization)
            recipient = _extra(organisation) if organisation else None
    return requested, recipient


def _conform(said: Notification, findings: Findings) -> None:
    """Flags where class, status, leave or end disagree with the code; they never decide it."""
    code = provisional(said)
    meaning = ACTIVITIES[said.activity]
    ending = family(code) in ("SLHJ", "MORS") and not code.startswith("AN_")
    status = "finished" if code == "MORS" else meaning.status
    if code != "AN_MORS" and said.status != status:
        findings.flag("business-rule", f"{code} should have status {status}.", "Encounter.status")
    if family(code) != "MORS" and said.encounter_class not in meaning.classes:
        findings.flag("business-rule", f"{code} should have another class.", "Encounter.class")
    if ending and said.end is None:
        findings.flag("required", f"{code} should say when the stay ended.", "Encounter.period.end")
    if code in ("STOR", "RE_STOR") and said.leave_start is None:
        findings.flag("required", f"{code} should say when the leave started.", "Encounter.extension")
    if code in ("SLOR", "RE_SLOR") and said.leave_end is None:
        findings.flag("required", f"{code} should say when the leave ended.", "Encounter.extension")
    if code.startswith(("RE_", "AN_")) and said.previous is None:
        findings.flag("required", f"{code} does not name the message it is about.", "Provenance.entity")
    if said.role and (said.role == "removal") != code.startswith("AN_"):
        findings.flag("business-rule", f"{code} should not have this role.", "Provenance.entity.role")
    if said.deceased is False and code != "AN_MORS":
        findings.flag(
            "business-rule", "The message says alive without cancelling a death.", "Patient.deceased"
        )
    if said.report_requested and family(code) not in STARTS:
        findings.flag(
            "business-rule", "Only a start asks for an admission report.", "MessageHeader.extension"
        )
