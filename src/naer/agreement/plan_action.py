"""The actions of a PlanDefinition: one for each clause, and one for each event that clauses name."""

import re
from collections.abc import Iterator

from naer.agreement.conditions import Conditions
from naer.agreement.explain import explain
from naer.agreement.explain_phrases import Phrases
from naer.agreement.explain_words import words
from naer.agreement.language import Agreement, Clause, Pattern
from naer.agreement.plan_elements import (
    Element,
    as_yaml,
    capital,
    coded,
    condition,
    duration,
    given,
    titled,
    written,
)

CLAUSE = "StructureDefinition/agreement-clause"
"""Extension: the exact YAML of a clause, without its examples."""

_SAID = frozenset(
    {"id", "title", "source", "verified", "owed_by", "owed_to", "after", "where", "deliver", "within",
     "before", "ahead", "unless", "repeat", "examples"}
)  # fmt: skip
"""Keys of a clause that R4 can say, with some values."""
_NO_ID = re.compile(r"[^A-Za-z0-9.-]")
_TEXT = ("source", "examples")


def fhir_id(text: str) -> str:
    """Letters, digits, - and ., at most 64."""
    return _NO_ID.sub("-", text)[:64]


class Actions:
    """The actions of one version of an agreement, in one language, with names under `base`."""

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

    def all(self) -> list[Element]:
        """Those of events first."""
        return [*self._events(), *(self._action(clause) for clause in self.agreement.clauses)]

    def _events(self) -> Iterator[Element]:
        """One action for each kind that something must come before, so that clauses can name it."""
        for kind, known in self._event_ids.items():
            yield {
                "id": known,
                "title": capital(self.phrases.kind(kind).noun),
                "code": [coded(self.url("event"), kind)],
                "trigger": [{"type": "named-event", "name": kind}],
            }

    def _event_id(self, kind: str) -> str:
        """An id as FHIR has them: letters, digits, - and ., at most 64."""
        plain = fhir_id(f"event-{kind}")[:60]
        taken = self._event_ids.values()
        return next(
            one for one in (plain, *(f"{plain}.{number}" for number in range(2, 999))) if one not in taken
        )

    def _action(self, clause: Clause) -> Element:
        title, translations = titled(clause.title, self.language, clause.id)
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
            return given(action)
        action["trigger"] = [
            {"type": "named-event", "name": kind} for pattern in clause.triggers for kind in pattern.kinds
        ]
        action["condition"] = [*self._applicable(clause), *self._stops(clause)]
        action["relatedAction"] = self._related(clause)
        action["timingDuration"] = duration(clause.within)
        action["participant"] = [
            *self._participant(clause.owed_by, "owed-by"), *self._participant(clause.owed_to, "owed-to")
        ]  # fmt: skip
        action["requiredBehavior"] = "must"
        action["cardinalityBehavior"] = "single" if clause.repeat == "first" else "multiple"
        return given(action | self._delivered(clause))

    def _delivered(self, clause: Clause) -> Element:
        """What fulfils it: a code, or one action for each of several, of which any will do."""
        kinds = [(pattern, kind) for pattern in clause.deliver for kind in pattern.kinds]
        if len(kinds) == 1 and not kinds[0][0].where:
            return {"code": [coded(self.url("event"), kinds[0][1])]}
        return {
            "groupingBehavior": "logical-group",
            "selectionBehavior": "at-least-one" if len(kinds) > 1 else "all",
            "action": [
                given(
                    {
                        "title": capital(self.phrases.kind(kind).do),
                        "code": [coded(self.url("event"), kind)],
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
        return [condition(kind, self.phrases.conditions(where), {"where": written(where)})]

    def _stops(self, clause: Clause) -> list[Element]:
        if not clause.unless:
            return []
        kinds = [_event(pattern) for pattern in clause.unless]
        return [condition("stop", self.phrases.when(clause.unless, "or"), {"unless": kinds})]

    def _related(self, clause: Clause) -> list[Element]:
        if clause.before is None:
            return []
        return [
            given(
                {
                    "actionId": self._event_ids[kind],
                    "relationship": "before-start",
                    "offsetDuration": duration(clause.ahead),
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
            and (clause.within is None or duration(clause.within) is not None)
            and (clause.ahead is None or duration(clause.ahead) is not None)
            and not (clause.before and clause.before.where)
        )
        if sayable:
            return []
        exact = {key: node.plain() for key, node in entries.items() if key != "examples"}
        return [{"url": self.url(CLAUSE), "valueString": as_yaml(exact)}]


def _event(pattern: Pattern) -> object:
    kinds = list(pattern.kinds) if len(pattern.kinds) > 1 else pattern.kinds[0]
    return {"kind": kinds, "where": written(pattern.where)} if pattern.where else kinds
