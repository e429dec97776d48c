"""The shape of a language's words, and the languages there are.

Each language is one module with a `WORDS`; tests see to it that all say the same things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

LANGUAGES = ("da", "nb", "en")


@dataclass(frozen=True, slots=True)
class KindWords:
    """One kind of event in three shapes.

    `when` is a clause that can follow "when", "if" and "before"; `noun` is definite and can follow
    "since" and "before"; `do` is an infinitive: what one who owes it must do.
    """

    when: str
    noun: str
    do: str


@dataclass(frozen=True, slots=True)
class Words:
    """Everything a language needs to tell a clause."""

    kinds: Mapping[str, KindWords]
    own_kind: KindWords
    """For a kind of the agreement's own; `{name}` is its quoted name."""
    roles: Mapping[str, str]
    attributes: Mapping[str, str]
    """Attribute to a definite noun."""
    truths: Mapping[str, tuple[str, str]]
    """Attribute to the clauses for true and for false, in the word order of a subordinate clause."""
    values: Mapping[str, str]
    """Values that have a name: roles, channels, true and false."""
    units: Mapping[str, tuple[str, str]]
    """Unit of a duration to its singular and its plural."""
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    keys: Mapping[str, str]
    """Key of a clause to a definite noun: what an overlay may loosen."""
    say: Mapping[str, str]
    """Sentences and parts of sentences, with `{}` fields."""


@cache
def words(language: str) -> Words:
    """The words of "da", "nb" or "en".

    Raises:
        ValueError: for another language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"there are no words in {language!r}; known: {', '.join(LANGUAGES)}")
    found = import_module(f"naer.agreement.explain_{language}").WORDS
    assert isinstance(found, Words)
    return found
