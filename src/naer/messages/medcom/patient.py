"""The patient of a CareCommunication, in and out: a CPR number, replacement numbers, or several of them."""

from naer.messages import person_number
from naer.messages.content import Person
from naer.messages.medcom.bundle import Bundle
from naer.messages.medcom.carecommunication_codes import NATIONAL_REPLACEMENT, REGIONAL_REPLACEMENT
from naer.messages.medcom.codes import CORE, CPR
from naer.messages.medcom.findings import MAX_ID, Findings, plain
from naer.messages.medcom.resources import HumanName, Patient
from naer.messages.medcom.writing import Resource


def person(bundle: Bundle, findings: Findings) -> Person | None:
    """The one patient of a message; None, and refused, when there is none, several, or no usable number."""
    count = bundle.types.count("Patient")
    if count != 1:
        text = "The message has no Patient." if count == 0 else "The message has more than one Patient."
        findings.refuse("required" if count == 0 else "invariant", text, "Patient")
        return None
    patient = next(iter(bundle.all(Patient)), None)
    if patient is None:
        return None
    numbers = _numbers(patient, findings)
    if not numbers:
        return None
    name = _official(patient.name)
    return Person(
        number=numbers[0][1],
        system=numbers[0][0],
        family=plain(name.family.strip()) or ("" if _given(name) else plain(name.text.strip())),
        given=_given(name),
        others=tuple(numbers[1:]),
    )


def _numbers(patient: Patient, findings: Findings) -> list[tuple[str, str]]:
    path = "Patient.identifier"
    found: list[tuple[str, str]] = []
    for identifier in patient.identifier[:20]:
        system, number = plain(identifier.system.strip(), MAX_ID), person_number.clean(identifier.value)
        if not number:
            continue
        if len(number) > MAX_ID or not number.isprintable():
            findings.refuse("MSG_Element_To_Long", f"A number has up to {MAX_ID} characters.", path)
            return []
        if system == CPR and not person_number.is_cpr(number):
            findings.refuse("value", "The person number does not have the shape of one.", path)
            return []
        if _rank(system) == _UNKNOWN:
            findings.flag("MSG_CodeSystem_VALUE_UNKNOWN", "A number is of an unknown register.", path)
        if (system, number) not in found:
            found.append((system, number))
    if not found:
        findings.refuse("required", "The patient has no number.", path)
    if len([system for system, _ in found if system == CPR]) > 1:
        findings.refuse("invariant", "The patient has more than one person number.", path)
        return []
    return sorted(found, key=lambda pair: _rank(pair[0]))


_UNKNOWN = 3


def _rank(system: str) -> int:
    if system == CPR:
        return 0
    if system == NATIONAL_REPLACEMENT:
        return 1
    return 2 if system.startswith(REGIONAL_REPLACEMENT) else _UNKNOWN


def _official(names: list[HumanName]) -> HumanName:
    return min(names[:10], key=lambda name: name.use != "official", default=HumanName())


def _given(name: HumanName) -> tuple[str, ...]:
    return tuple(part for part in (plain(given.strip()) for given in name.given if given) if part)


def resource(person: Person, name: str) -> Resource:
    """A Patient with the numbers the person has; `name` is its resource id."""
    called: Resource = {"use": "official", "family": person.family} if person.family else {"use": "official"}
    if person.given:
        called["given"] = list(person.given)
    if not person.family and not person.given:
        called["family"] = "-"
    numbers = ((person.system or CPR, person.number), *person.others)
    return {
        "resourceType": "Patient",
        "id": name,
        "meta": {"profile": [CORE + "medcom-core-patient"]},
        "identifier": [_identifier(system, number) for system, number in numbers],
        "name": [called],
    }


def _identifier(system: str, number: str) -> Resource:
    use: Resource = {} if _rank(system) in (0, _UNKNOWN) else {"use": "temp"}
    return use | {"system": system, "value": number}
