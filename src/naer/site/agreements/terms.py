"""A clause's terms in words: what opens it, when it is due, what meets and what releases it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from naer.agreement import Agreement, Clause, in_language
from naer.agreement.deadlines import AtOnce, ByClock, Duration
from naer.agreement.language import Pattern
from naer.site.agreements.clauses import language
from naer.site.ui import words


@dataclass(frozen=True, slots=True)
class Terms:
    """One clause, ready to be shown."""

    id: str
    title: str
    source: str
    verified: bool
    partial: bool
    is_text: bool
    own: bool
    """Whether this agreement says it itself; otherwise it is inherited from the one it extends."""
    owed_by: tuple[str, str]
    """(role, word)."""
    owed_to: tuple[str, str]
    rows: tuple[tuple[str, str], ...]
    """(label, text)."""


def terms(agreement: Agreement, clause: Clause) -> Terms:
    """What a page says about a clause of `agreement`."""
    return Terms(
        id=clause.id,
        title=in_language(clause.title, language()) or clause.id,
        source=clause.source,
        verified=clause.verified,
        partial=clause.partial,
        is_text=clause.is_text,
        own=clause.node.file == agreement.node.file,
        owed_by=_party(agreement, clause.owed_by),
        owed_to=_party(agreement, clause.owed_to),
        rows=tuple(_rows(clause)),
    )


def _party(agreement: Agreement, name: str | None) -> tuple[str, str]:
    if name is None:
        return ("", "")
    party = agreement.parties.get(name)
    role = party.role if party else name
    return (role, words.role(role))


def _rows(clause: Clause) -> Iterable[tuple[str, str]]:
    if clause.is_text:
        return
    yield _("Opens at"), _kinds(clause.triggers)
    if clause.within is not None:
        yield _("Due"), due(clause.within)
    if clause.before is not None:
        yield _("Before"), _before(clause)
    if clause.deliver:
        yield _("Met by"), _kinds(clause.deliver)
    if clause.unless:
        yield _("Released by"), _kinds(clause.unless)
    if clause.pause is not None:
        yield _("Paused by"), _kinds([clause.pause.start])
    if clause.waiver:
        yield _("Can be waived by"), _waiver(clause.waiver)


def _kinds(patterns: Iterable[Pattern]) -> str:
    """The kinds of some patterns in words, each once."""
    names = dict.fromkeys(kind for pattern in patterns for kind in pattern.kinds)
    return ", ".join(words.kind(name) for name in names)


def _waiver(who: str) -> str:
    return {
        "owed_to": _("the one it is owed to"),
        "owed_by": _("the one who owes"),
        "both": _("either party"),
    }[who]


def _before(clause: Clause) -> str:
    what = _kinds([clause.before]) if clause.before else ""
    if clause.ahead is None:
        return what
    if isinstance(clause.ahead, ByClock):
        clock = f"{clause.ahead.minute // 60:02}:{clause.ahead.minute % 60:02}"
        if clause.ahead.days == 0:
            return _("%(what)s, by %(clock)s the same day") % {"what": what, "clock": clock}
        if clause.ahead.working:
            return _("%(what)s, by %(clock)s the working day before") % {"what": what, "clock": clock}
        return _("%(what)s, by %(clock)s the day before") % {"what": what, "clock": clock}
    return _("%(what)s, at least %(time)s earlier") % {"what": what, "time": length(clause.ahead)}


def due(within: Duration | ByClock | AtOnce) -> str:
    """When something is due after it opened."""
    if isinstance(within, AtOnce):
        return _("at once; no number is given")
    if isinstance(within, Duration):
        return _("%(time)s later") % {"time": length(within)}
    clock = f"{within.minute // 60:02}:{within.minute % 60:02}"
    if within.days == 0:
        return _("by %(clock)s the same day") % {"clock": clock}
    if within.working:
        return ngettext(
            "by %(clock)s the next working day", "by %(clock)s, %(days)d working days later", within.days
        ) % {"clock": clock, "days": within.days}
    return ngettext("by %(clock)s the next day", "by %(clock)s, %(days)d days later", within.days) % {
        "clock": clock,
        "days": within.days,
    }


def length(given: Duration) -> str:
    """24 hours, 5 working days."""
    number = given.amount
    match given.unit:
        case "min":
            text = ngettext("%(number)d minute", "%(number)d minutes", number)
        case "h":
            text = ngettext("%(number)d hour", "%(number)d hours", number)
        case "days":
            text = ngettext("%(number)d day", "%(number)d days", number)
        case "weeks":
            text = ngettext("%(number)d week", "%(number)d weeks", number)
        case "months":
            text = ngettext("%(number)d month", "%(number)d months", number)
        case "working hours":
            text = ngettext("%(number)d working hour", "%(number)d working hours", number)
        case _:
            text = ngettext("%(number)d working day", "%(number)d working days", number)
    return text % {"number": number}
