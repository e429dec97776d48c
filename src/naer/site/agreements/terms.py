"""A clause as the agreement page shows it: what it says in words, and its terms beside them."""

from dataclasses import dataclass

from naer.agreement import Agreement, Clause
from naer.agreement.explain import PARTS, Explanation, explain
from naer.site.agreements.clauses import language
from naer.site.ui.words import capitalised

_TOLD = frozenset(PARTS) - {"verified", "source", "examples", "loosening"}
"""The parts that make up the text; the page shows the others in places of their own."""


@dataclass(frozen=True, slots=True)
class Terms:
    """One clause, ready to be shown."""

    told: Explanation
    text: str
    source: str
    verified: bool
    is_text: bool
    owed_by: tuple[str, str]
    """(role, word)."""
    owed_to: tuple[str, str]

    @property
    def opens(self) -> str:
        return capitalised(self.told.opens)

    @property
    def limit(self) -> str:
        return capitalised(self.told.limit)


def terms(agreement: Agreement, clause: Clause) -> Terms:
    """What a page says about a clause of `agreement`, in the reader's language."""
    told = explain(clause, agreement, language())
    return Terms(
        told=told,
        text=" ".join(sentence.text for sentence in told.sentences if sentence.part in _TOLD),
        source=clause.source,
        verified=clause.verified,
        is_text=clause.is_text,
        owed_by=(_role(agreement, clause.owed_by), capitalised(told.owed_by)),
        owed_to=(_role(agreement, clause.owed_to), capitalised(told.owed_to)),
    )


def _role(agreement: Agreement, name: str | None) -> str:
    """The role of a party, for its shape."""
    party = agreement.parties.get(name) if name else None
    return party.role if party else name or ""
