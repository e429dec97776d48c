"""Whom a Bundle of resources is about, and who sends it."""

from typing import Any

from naer.messages import person_number
from naer.messages.content import Party, Person
from naer.messages.medcom.codes import CPR, GLN, GLN_OLD, SOR
from naer.messages.medcom.findings import MAX_ID, Findings, plain

Tree = dict[str, Any]
HER = "urn:oid:2.16.578.1.12.4.1.2"
FNR, DNR = "urn:oid:2.16.578.1.12.4.1.4.1", "urn:oid:2.16.578.1.12.4.1.4.2"
SYSTEMS = {CPR: CPR, FNR: "FNR", DNR: "DNR"}
"""System of a person number → what `Person.system` calls it."""


def patient(resources: list[Tree], findings: Findings) -> Person | None:
    """The one citizen, with a Danish or Norwegian person number; None, and refused, without."""
    found = [one for one in resources if one["resourceType"] == "Patient"]
    if len(found) != 1:
        text = "The bundle has more than one Patient." if found else "The bundle has no Patient."
        findings.refuse("invariant" if found else "required", text, "Patient")
        return None
    numbers = [(SYSTEMS[of], number) for of, value in _identifiers(found[0]) if of in SYSTEMS
               for number in [person_number.clean(value)] if number]  # fmt: skip
    if not numbers:
        findings.refuse("required", "The patient has no person number.", "Patient.identifier")
        return None
    if len(numbers) > 1:
        findings.refuse("invariant", "The patient has more than one person number.", "Patient.identifier")
        return None
    register, number = numbers[0]
    if not _possible(register, number):
        text = "The person number does not have the shape of one."
        findings.refuse("value", text, "Patient.identifier")
        return None
    names = found[0].get("name")
    name = next((one for one in names if isinstance(one, dict)), {}) if isinstance(names, list) else {}
    given = name.get("given")
    born, sex = found[0].get("birthDate"), found[0].get("gender")
    return Person(
        number=number,
        system=register,
        family=_plain(name.get("family")),
        given=tuple(_plain(one) for one in given if _plain(one)) if isinstance(given, list) else (),
        born=_plain(born) if isinstance(born, str) and len(born) == 10 else "",
        sex=_plain(sex),
    )


def _possible(register: str, number: str) -> bool:
    if register == CPR:
        return person_number.is_cpr(number)
    return person_number.is_possible(number, register)


def sender(resources: list[Tree], findings: Findings) -> Party | None:
    """Who sends it: whom Provenance names as agent, else the only organisation there is."""
    organisations = [one for one in resources if one["resourceType"] == "Organization"]
    named = _agents(resources)
    chosen = [one for one in organisations if str(one.get("id")) in named] if named else organisations
    if len(chosen) != 1:
        text = "One Organization sends the bundle: name it in Provenance.agent.who, or have no other."
        findings.refuse("required", text, "Provenance.agent")
        return None
    ids = {"sor": "", "gln": "", "her": ""}
    for of, value in _identifiers(chosen[0]):
        name = {SOR: "sor", GLN: "gln", GLN_OLD: "gln", HER: "her"}.get(of, "")
        if name and not ids[name]:
            ids[name] = plain(value.strip(), MAX_ID)
    if not any(ids.values()):
        text = "The sender has neither SOR id, location number nor HER id."
        findings.refuse("required", text, "Organization.identifier")
        return None
    return Party(sor=ids["sor"], gln=ids["gln"], her=ids["her"], name=_plain(chosen[0].get("name")))


def _agents(resources: list[Tree]) -> set[str]:
    """The ids of the organisations that Provenance names."""
    found = set()
    for one in resources:
        agents = one.get("agent") if one["resourceType"] == "Provenance" else None
        for agent in agents if isinstance(agents, list) else []:
            for name in ("onBehalfOf", "who"):
                who = agent.get(name) if isinstance(agent, dict) else None
                text = who.get("reference") if isinstance(who, dict) else None
                if isinstance(text, str):
                    found.add(text.rpartition("/")[2].rpartition(":")[2])
    return found


def _identifiers(resource: Tree) -> list[tuple[str, str]]:
    given = resource.get("identifier")
    return [
        (one["system"], one["value"])
        for one in (given if isinstance(given, list) else [])[:20]
        if isinstance(one, dict) and isinstance(one.get("system"), str) and isinstance(one.get("value"), str)
    ]


def _plain(value: object) -> str:
    return plain(value.strip()) if isinstance(value, str) else ""
