"""An agreement as a FHIR R4 PlanDefinition: one action for each clause.

What R4 can say is said in its own elements; a clause that says more (working hours, pauses, waivers …)
also carries its exact YAML, without examples, in an extension. What each element holds is
described in docs/how-to/exchange-with-process-mining.md.
"""

import datetime as dt

from naer.agreement.language import Agreement
from naer.agreement.plan_action import Actions, fhir_id
from naer.agreement.plan_elements import Element, as_yaml, coded, given, titled

BASE = "urn:naer"
"""What canonical URLs and code systems begin with, unless one has a name of one's own."""
HEAD = "StructureDefinition/agreement-head"
"""Extension: the YAML of what the agreement says beside its clauses."""

_HEAD = ("applies", "unless", "parties", "calendars", "events")


def plan_definition(agreement: Agreement, language: str, *, today: dt.date, base: str = BASE) -> Element:
    """The resource for one version of an agreement; `today` decides whether it is active.

    `language` is "da", "nb" or "en"; titles come in all three.
    """
    return _Plan(agreement, language, base.rstrip("/:")).resource(today)


class _Plan:
    def __init__(self, agreement: Agreement, language: str, base: str) -> None:
        self.agreement = agreement
        self.language = language
        self.base = base
        self.actions = Actions(agreement, language, base)
        self.url = self.actions.url

    def resource(self, today: dt.date) -> Element:
        agreement = self.agreement
        title, translations = titled(agreement.title, self.language, agreement.id)
        period = {
            name: day.isoformat()
            for name, day in (("start", agreement.starts), ("end", agreement.ends))
            if day is not None
        }
        started = agreement.starts
        return given(
            {
                "resourceType": "PlanDefinition",
                "id": fhir_id(agreement.id),
                "language": self.language,
                "extension": self._head(),
                "url": self.url(f"PlanDefinition/{agreement.id}"),
                "version": str(started or agreement.version or "undated"),
                "name": "".join(part.capitalize() for part in agreement.id.split("-")),
                "title": title,
                "_title": translations,
                "type": coded(
                    "http://terminology.hl7.org/CodeSystem/plan-definition-type", "workflow-definition"
                ),
                "status": self._status(today),
                "experimental": any(not clause.verified for clause in agreement.clauses),
                "date": started.isoformat() if started else None,
                "useContext": self._contexts(),
                "jurisdiction": [coded("urn:iso:std:iso:3166", agreement.country)],
                "effectivePeriod": period,
                "relatedArtifact": [
                    {"type": "derived-from", "resource": self.url(f"PlanDefinition/{agreement.extends}")}
                ]
                if agreement.extends
                else None,
                "action": self.actions.all(),
            }
        )

    def _status(self, today: dt.date) -> str:
        if self.agreement.starts is not None and today < self.agreement.starts:
            return "draft"
        return "retired" if self.agreement.ends is not None and self.agreement.ends < today else "active"

    def _contexts(self) -> list[Element]:
        """The municipalities where it holds."""
        kind = {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "venue"}
        return [
            {"code": kind, "valueCodeableConcept": coded(self.url("municipality"), str(code))}
            for condition in self.agreement.applies
            if condition.attribute == "municipality" and condition.operator in ("==", "in")
            for code in (condition.value if condition.operator == "in" else (condition.value,))
        ]

    def _head(self) -> list[Element]:
        """What the agreement says beside its clauses, where any of it is more than R4 can say."""
        node = self.agreement.node.items()
        head = {key: node[key].plain() for key in _HEAD if key in node and node[key].value is not None}
        places = {"municipality"} >= {condition.attribute for condition in self.agreement.applies}
        more = {"calendars", "events"} & head.keys() or not places
        return [{"url": self.url(HEAD), "valueString": as_yaml(head)}] if more else []
