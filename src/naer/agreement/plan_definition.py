"""An agreement as a FHIR R4 PlanDefinition: one action for each clause.

What R4 can say is said in its own elements; a clause that says more (working hours, pauses, waivers …)
also carries its exact YAML, without examples, in the extension CLAUSE. What each element holds is
described in docs/how-to/exchange-with-process-mining.md.
"""

import datetime as dt
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from naer.agreement.conditions import Conditions
from naer.agreement.explain import explain
from naer.agreement.explain_phrases import Phrases
from naer.agreement.explain_words import words
from naer.agreement.language import Agreement, Clause, Pattern, Text, in_language
from naer.agreement.plan_timing import ahead, within

Element = dict[str, Any]
"""A FHIR element or resource as JSON has it."""

BASE = "urn:naer"
"""What canonical URLs and code systems begin with, unless one has a name of one's own."""
CLAUSE, HEAD = "StructureDefinition/agreement-clause", "StructureDefinition/agreement-head"
"""Extensions: the exact YAML of a clause; of what the agreement says beside its clauses."""

_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_SAID = frozenset(
    {"id", "title", "source", "verified", "owed_by", "owed_to", "after", "where", "deliver", "within",
     "before", "ahead", "unless", "repeat", "examples"}
)  # fmt: skip
"""Keys of a clause that R4 can say, with some values."""
_NO_ID = re.compile(r"[^A-Za-z0-9.-]")
_HEAD = ("applies", "unless", "parties", "calendars", "events")
_TEXT = ("source", "examples")


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
        self.phrases = Phrases(words(language), agreement)
        self._event_ids: dict[str, str] = {}
        """Kind that something must come before → id of its action."""
        for clause in agreement.clauses:
            for kind in clause.before.kinds if clause.before else ():
                self._event_ids.setdefault(kind, self._event_id(kind))

    def url(self, path: str) -> str:
        """A name under the base: with slashes, or with colons for a URN."""
        if self.base.startswith("urn:"):
            return f"{self.base}:{path.replace('/', ':')}"
        return f"{self.base}/{path}"

    def resource(self, today: dt.date) -> Element:
        agreement = self.agreement
        title, translations = self._title(agreement.title, agreement.id)
        period = {
            name: day.isoformat()
            for name, day in (("start", agreement.starts), ("end", agreement.ends))
            if day is not None
        }
        started = agreement.starts
        return _given(
            {
                "resourceType": "PlanDefinition",
                "id": _NO_ID.sub("-", agreement.id)[:64],
                "language": self.language,
                "extension": self._head(),
                "url": self.url(f"PlanDefinition/{agreement.id}"),
                "version": str(started or agreement.version or "undated"),
                "name": "".join(part.capitalize() for part in agreement.id.split("-")),
                "title": title,
                "_title": translations,
                "type": _coded(
                    "http://terminology.hl7.org/CodeSystem/plan-definition-type", "workflow-definition"
                ),
                "status": self._status(today),
                "experimental": any(not clause.verified for clause in agreement.clauses),
                "date": started.isoformat() if started else None,
                "useContext": self._contexts(),
                "jurisdiction": [_coded("urn:iso:std:iso:3166", agreement.country)],
                "effectivePeriod": period,
                "relatedArtifact": [
                    {"type": "derived-from", "resource": self.url(f"PlanDefinition/{agreement.extends}")}
                ]
                if agreement.extends
                else None,
                "action": [*self._events(), *(self._action(clause) for clause in agreement.clauses)],
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
            {"code": kind, "valueCodeableConcept": _coded(self.url("municipality"), str(code))}
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
        return [{"url": self.url(HEAD), "valueString": _yaml(head)}] if more else []

    # Actions

    def _events(self) -> Iterator[Element]:
        """One action for each kind that something must come before, so that clauses can name it."""
        for kind, known in self._event_ids.items():
            yield {
                "id": known,
                "title": _capital(self.phrases.kind(kind).noun),
                "code": [_coded(self.url("event"), kind)],
                "trigger": [{"type": "named-event", "name": kind}],
            }

    def _event_id(self, kind: str) -> str:
        """An id as FHIR has them: letters, digits, - and ., at most 64."""
        plain = _NO_ID.sub("-", f"event-{kind}")[:60]
        taken = self._event_ids.values()
        return next(
            one for one in (plain, *(f"{plain}.{number}" for number in range(2, 999))) if one not in taken
        )

    def _action(self, clause: Clause) -> Element:
        title, translations = self._title(clause.title, clause.id)
        told = explain(clause, self.agreement, self.language)
        action: Element = {
            "id": clause.id,
            "extension": self._exact(clause),
            "title": title,
            "_title": translations,
            "textEquivalent": " ".join(one.text for one in told.sentences if one.part not in _TEXT),
            "documentation": [{"type": "citation", "citation": clause.source}],
        }
        if clause.is_text:
            return _given(action)
        action["trigger"] = [
            {"type": "named-event", "name": kind} for pattern in clause.triggers for kind in pattern.kinds
        ]
        action["condition"] = [*self._applicable(clause), *self._stops(clause)]
        action["relatedAction"] = self._related(clause)
        action["timingDuration"] = within(clause.within)
        action["participant"] = [
            *self._participant(clause.owed_by, "owed-by"), *self._participant(clause.owed_to, "owed-to")
        ]  # fmt: skip
        action["requiredBehavior"] = "must"
        action["cardinalityBehavior"] = "single" if clause.repeat == "first" else "multiple"
        return _given(action | self._delivered(clause))

    def _delivered(self, clause: Clause) -> Element:
        """What fulfils it: a code, or one action for each of several, of which any will do."""
        kinds = [(pattern, kind) for pattern in clause.deliver for kind in pattern.kinds]
        if len(kinds) == 1 and not kinds[0][0].where:
            return {"code": [_coded(self.url("event"), kinds[0][1])]}
        return {
            "groupingBehavior": "logical-group",
            "selectionBehavior": "at-least-one" if len(kinds) > 1 else "all",
            "action": [
                _given(
                    {
                        "title": _capital(self.phrases.kind(kind).do),
                        "code": [_coded(self.url("event"), kind)],
                        "condition": self._conditions("applicability", pattern.where),
                    }
                )
                for pattern, kind in kinds
            ],
        }

    def _applicable(self, clause: Clause) -> Iterator[Element]:
        yield from self._conditions("applicability", clause.where)
        for pattern in clause.triggers:
            yield from self._conditions("applicability", pattern.where)

    def _conditions(self, kind: str, where: Conditions) -> list[Element]:
        if not where:
            return []
        return [_condition(kind, self.phrases.conditions(where), {"where": _where(where)})]

    def _stops(self, clause: Clause) -> list[Element]:
        if not clause.unless:
            return []
        kinds = [_event(pattern) for pattern in clause.unless]
        return [_condition("stop", self.phrases.when(clause.unless, "or if"), {"unless": kinds})]

    def _related(self, clause: Clause) -> list[Element]:
        if clause.before is None:
            return []
        return [
            _given(
                {
                    "actionId": self._event_ids[kind],
                    "relationship": "before-start",
                    "offsetDuration": ahead(clause.ahead),
                }
            )
            for kind in clause.before.kinds
        ]

    def _participant(self, name: str | None, side: str) -> Iterator[Element]:
        """A party. R4 knows no organisations here, so that all but the citizen are practitioners."""
        if name is None:
            return
        party = self.agreement.parties.get(name)
        role = party.role if party else name
        yield {
            "type": "patient" if role == "citizen" else "practitioner",
            "role": {
                "coding": [
                    {"system": self.url("role"), "code": role},
                    {"system": self.url("side"), "code": side},
                ],
                "text": self.phrases.party(name),
            },
        }

    def _exact(self, clause: Clause) -> list[Element]:
        """The clause's YAML, where R4 cannot say all of it."""
        entries = {key: node for key, node in clause.node.items().items() if node.value is not None}
        sayable = (
            entries.keys() <= _SAID
            and clause.repeat != "restart"
            and (clause.verified or clause.is_text)
            and (clause.within is None or within(clause.within) is not None)
            and (clause.ahead is None or ahead(clause.ahead) is not None)
            and not (clause.before and clause.before.where)
        )
        if sayable:
            return []
        exact = {key: node.plain() for key, node in entries.items() if key != "examples"}
        return [{"url": self.url(CLAUSE), "valueString": _yaml(exact)}]

    def _title(self, text: Text, otherwise: str) -> tuple[str, Element | None]:
        """A title in the language, and its translations to the others."""
        own = in_language(text, self.language) or otherwise
        others = [
            {
                "url": _TRANSLATION,
                "extension": [
                    {"url": "lang", "valueCode": language},
                    {"url": "content", "valueString": content},
                ],
            }
            for language, content in text.items()
            if language and language != self.language
        ]
        return own, {"extension": others} if others else None


def _condition(kind: str, description: str, yaml: Element) -> Element:
    return {
        "kind": kind,
        "expression": {
            "description": _capital(description),
            "language": "application/yaml",
            "expression": _yaml(yaml).strip(),
        },
    }


def _event(pattern: Pattern) -> object:
    kinds = list(pattern.kinds) if len(pattern.kinds) > 1 else pattern.kinds[0]
    return {"kind": kinds, "where": _where(pattern.where)} if pattern.where else kinds


def _where(conditions: Conditions) -> Element:
    """Conditions as an agreement file writes them."""
    said: Element = {}
    for one in conditions:
        if one.operator == "in":
            said[one.attribute] = list(one.value)
        elif one.operator == "==":
            said[one.attribute] = one.value
        else:
            said.setdefault(one.attribute, {})[one.operator] = one.value
    return said


def _coded(system: str, code: str) -> Element:
    return {"coding": [{"system": system, "code": code}]}


def _given(element: Element) -> Element:
    """Without what is empty: FHIR has no empty elements."""
    return {key: value for key, value in element.items() if value not in (None, "", [], {})}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _yaml(value: object) -> str:
    writer = YAML()
    writer.width = 4096
    out = StringIO()
    writer.dump(value, out)
    return out.getvalue()
