"""Suggestions as an agreement file: a draft that people can read, change and agree to."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString as Quoted

from naer.agreement.deadlines import Duration
from naer.agreement.explain_words import LANGUAGES, words
from naer.events.kinds import KINDS, senders
from naer.history.suggest import LIMIT, Suggestion

_HEAD = """\
# Suggested by `naer agreement suggest` from {log}: what usually follows what, not what anybody has agreed.
# Within is the time that {limit} % of those that followed kept, rounded up. Read every clause, drop what is
# mere habit, settle who owes it and what releases it, and give it a source. Until then: "verified: false".
"""
_TITLE = {
    "en": "What is done today, suggested from {log}",
    "da": "Hvad der gøres i dag, foreslået ud fra {log}",
    "nb": "Hva som gjøres i dag, foreslått ut fra {log}",
}
_CLAUSE = {
    "en": "{deliver} within {length} after {after}",
    "da": "{deliver} inden for {length} efter {after}",
    "nb": "{deliver} innen {length} etter {after}",
}
_PARTIES: Mapping[str, dict[str, str]] = {
    "hospital": {"is": "hospital"},
    "municipality": {"is": "municipality", "of": "residence"},
    "gp": {"is": "gp"},
    "citizen": {"is": "citizen"},
}
_STORY = dt.datetime(2026, 3, 2, 10)  # noqa: DTZ001 - local, as stories are written


def draft(
    suggestions: Sequence[Suggestion],
    *,
    name: str,
    country: str,
    log: str,
    days: tuple[dt.date, dt.date],
    kinds: Iterable[str],
    municipality: str | None = None,
) -> str:
    """An agreement file with a clause for each suggestion; it passes `naer agreement check`.

    `name` is the agreement's id, `log` what the sources call the log, `days` its first and last day,
    `kinds` all kinds of the log. With `municipality` the agreement applies there alone.
    """
    own = _own_names(suggestions)
    parties = {role for one in suggestions for role in _owed_by(one)}
    document: dict[str, Any] = {
        "agreement": name,
        "title": {language: text.format(log=log) for language, text in _TITLE.items()},
        "country": country,
    }
    if municipality is not None:
        document["applies"] = {"municipality": Quoted(municipality)}
    if "died" in set(kinds):
        document["unless"] = ["died"]
    if parties:
        document["parties"] = {role: _PARTIES[role] for role in _PARTIES if role in parties}
    if own:
        document["events"] = {called: Quoted(kind) for kind, called in own.items()}
    document["clauses"] = _clauses(suggestions, own, log, days)
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump(document, out)
    return _HEAD.format(log=log, limit=LIMIT) + out.getvalue()


def _clauses(
    suggestions: Sequence[Suggestion], own: Mapping[str, str], log: str, days: tuple[dt.date, dt.date]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in suggestions:
        after, deliver = own.get(one.after, one.after), own.get(one.deliver, one.deliver)
        owed_by = _owed_by(one)
        clause: dict[str, Any] = {
            "id": f"{deliver}-after-{after}".replace("_", "-"),
            "title": {language: _title(one, language) for language in LANGUAGES},
            "source": Quoted(
                f"observed in {log}, {days[0]} to {days[1]}: {one.times.followed} of {one.times.support} "
                f"({float(one.times.share):.0%}) followed, half within {_length(one, 50)}, "
                f"{LIMIT} % within {_length(one, LIMIT)}. Nobody has agreed to it: unverified."
            ),
            "verified": False,
        }
        if owed_by:
            clause["owed_by"] = owed_by[0]
        clause |= {"after": after, "deliver": deliver, "within": str(one.within)}
        clause["examples"] = _examples(after, deliver, one.within)
        found.append(clause)
    return found


def _title(one: Suggestion, language: str) -> str:
    told = words(language)
    quote = told.say["quote"]

    def noun(kind: str) -> str:
        known = told.kinds.get(kind)
        return known.noun if known else told.own_kind.noun.format(name=quote.format(text=kind))

    unit = told.units[one.within.unit][0 if one.within.amount == 1 else 1]
    deliver, after = noun(one.deliver).strip(","), noun(one.after).strip(",")
    text = _CLAUSE[language].format(deliver=deliver, after=after, length=f"{one.within.amount} {unit}")
    return text[:1].upper() + text[1:]


def _length(one: Suggestion, percent: int) -> str:
    """A time for people, in hours or minutes."""
    minutes = float(one.times.quantiles[percent] / 60_000_000)
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _owed_by(one: Suggestion) -> tuple[str, ...]:
    """The role that alone can deliver it, if there is just one."""
    found = senders(one.deliver)
    return found if len(found) == 1 else ()


def _own_names(suggestions: Sequence[Suggestion]) -> dict[str, str]:
    """Activity → a name for it, for those that are no kinds of the vocabulary."""
    found: dict[str, str] = {}
    for one in suggestions:
        for kind in (one.after, one.deliver):
            if kind in KINDS or kind in found:
                continue
            plain = re.sub(r"[^a-z0-9]+", "_", _latin(kind.lower())).strip("_") or "event"
            called, number = plain, 2
            while called in found.values() or called in KINDS:
                called, number = f"{plain}_{number}", number + 1
            found[kind] = called
    return found


def _latin(text: str) -> str:
    for letter, plain in (("æ", "ae"), ("ø", "oe"), ("å", "aa"), ("ä", "ae"), ("ö", "oe"), ("é", "e")):
        text = text.replace(letter, plain)
    return text


_UNITS = {"min": "minutes", "h": "hours", "days": "days", "weeks": "weeks"}


def _examples(after: str, deliver: str, within: Duration) -> list[dict[str, Any]]:
    due = _STORY + dt.timedelta(**{_UNITS[within.unit]: within.amount})
    start = Quoted(f"{_STORY:%Y-%m-%d %H:%M}")
    late = due + dt.timedelta(minutes=1)
    return [
        {"timeline": {start: after, Quoted(f"{due:%Y-%m-%d %H:%M}"): deliver}, "expect": "kept"},
        {"timeline": {start: after, Quoted(f"{late:%Y-%m-%d %H:%M}"): deliver}, "expect": "late"},
    ]
