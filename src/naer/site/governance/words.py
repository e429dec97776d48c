"""What the pages of results say: definitions, reasons, findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from naer.indicators.disclosure import LEAST
from naer.indicators.funnel import Standing
from naer.indicators.run_chart import RUN, Signal
from naer.site.governance.compared import ClauseFigure
from naer.site.governance.figures import Share

PARTS: dict[str, str | Promise] = {
    "numerator": gettext_lazy("Counted"),
    "rest": gettext_lazy("Not counted"),
    "open": gettext_lazy("Not due yet"),
    "died": gettext_lazy("The citizen died"),
    "waived": pgettext_lazy("obligation", "Waived"),
    "released": gettext_lazy("Released, with a reason"),
    "superseded": gettext_lazy("Replaced by a later one"),
    "not recorded": gettext_lazy("Not recorded, may have been done"),
    "no end": gettext_lazy("The stay has not ended"),
    "no start": gettext_lazy("The start of the stay was never told"),
    "not admitted": gettext_lazy("Never admitted: an acute ambulant contact only"),
    "too short": gettext_lazy("Shorter than 12 hours"),
    "follow-up not complete": gettext_lazy("Less than 30 days ago"),
}
"""What a case is for a number: counted, only in the denominator, or why it is left out."""

KEPT_PARTS: dict[str, str | Promise] = PARTS | {
    "numerator": gettext_lazy("Kept in time"),
    "rest": gettext_lazy("Late, or not delivered"),
}
WAITING_PARTS: dict[str, str | Promise] = PARTS | {
    "numerator": gettext_lazy("With days ready"),
    "rest": gettext_lazy("Without"),
}
AGAIN_PARTS: dict[str, str | Promise] = PARTS | {
    "numerator": gettext_lazy("Readmitted"),
    "rest": gettext_lazy("Not readmitted"),
}

STANDINGS: dict[Standing, str | Promise] = {
    "high": gettext_lazy("Above what chance explains"),
    "rather high": gettext_lazy("Above what chance explains, weakly"),
    "within": gettext_lazy("Within chance"),
    "rather low": gettext_lazy("Below what chance explains, weakly"),
    "low": gettext_lazy("Below what chance explains"),
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What a number means, for `dl.facts`."""

    name: str
    counts: str
    out_of: str
    excluded: str
    month: str
    source: str
    careful: str


def kept_definition() -> Definition:
    return Definition(
        name=_("Agreement kept"),
        counts=_("Obligations delivered at or before the due time."),
        out_of=_("Obligations with the due time in the period: kept, kept late, and not delivered."),
        excluded=_(
            "Released with a reason, waived, citizen died, replaced by a later one. Where not everything "
            "done is recorded, silence is “not recorded” and left out: it is never a breach."
        ),
        month=_("The month of the due time; without one, of the delivery."),
        source=_(
            "Events in Naer, judged by the version of the agreement in force when the obligation opened."
        ),
        careful=_(
            "It measures when, not how well. A limit marked unverified is not confirmed at its source."
        ),
    )


def waiting_definition() -> Definition:
    return Definition(
        name=_("Days ready for discharge"),
        counts=_(
            "Days in hospital from the day of the notice of ready for discharge, which counts, to the day of "
            "leaving, which does not. Leaving the same day is none. A notice taken back ends the count."
        ),
        out_of=_("Discharges after an admission, in hundreds."),
        excluded=_("Stays that have not ended, citizens who died, acute ambulant contacts."),
        month=_("The month of the discharge."),
        source=_("Notifications and ready notices received by Naer. Stays at most 4 hours apart are one."),
        careful=_(
            "Some hospitals seldom send a notice when the citizen leaves the same day. More days can be more "
            "waiting or better registration: this number does not tell which."
        ),
    )


def again_definition() -> Definition:
    return Definition(
        name=_("Readmitted within 30 days (approximate)"),
        counts=_("Discharges followed by another admission of at least 12 hours within 30 days."),
        out_of=_("Discharges of citizens alive, after a stay of at least 12 hours that was an admission."),
        excluded=_(
            "Citizens who died in hospital, shorter stays, acute ambulant contacts, and discharges less than "
            "30 days ago."
        ),
        month=_(
            "The month of the discharge. A month is drawn when all its 30 days of follow-up have passed."
        ),
        source=_("Notifications received by Naer. Stays at most 4 hours apart are one."),
        careful=_(
            "Approximate: a notification says neither whether an admission was planned nor what for. It is "
            "not comparable with the national indicator, nor between countries, and not adjusted for age."
        ),
    )


def percent(value: float | None, digits: int = 0) -> str:
    """94 %, in the reader's language; empty for none."""
    return "" if value is None else f"{number(value, digits)} %"


def fraction(one: Share) -> str:
    """1,204 of 1,281, 37 excluded."""
    said = {
        "numerator": counted(one),
        "denominator": number(one.denominator),
        "excluded": few(one.left_out),
    }
    if one.left_out:
        return _("%(numerator)s of %(denominator)s, %(excluded)s excluded") % said
    return _("%(numerator)s of %(denominator)s, none excluded") % said


def share(one: Share, digits: int = 0) -> str:
    """94 %, or what of it may be told."""
    if one.hidden:
        return few(1)
    if not one.denominator:
        return "–"
    if not one.rough:
        return percent(one.percent, digits)
    if one.few_counted:
        return _("under %(share)s") % {"share": percent(ceil(100 * LEAST / one.denominator))}
    return _("over %(share)s") % {"share": percent(100 * (one.denominator - LEAST) // one.denominator)}


def counted(one: Share) -> str:
    """The numerator, or what of it may be told."""
    if one.rough and not one.few_counted:
        return _("over %(share)s") % {"share": number(one.denominator - LEAST)}
    return few(1) if one.rough else number(one.numerator)


def others(one: Share) -> str:
    """The rest of the denominator, or what of it may be told."""
    if one.rough and one.few_counted:
        return _("over %(share)s") % {"share": number(one.denominator - LEAST)}
    return few(1) if one.rough else number(one.denominator - one.numerator)


def number(value: float, digits: int = 0) -> str:
    """1,204.5, in the reader's language, rounded (`number_format` alone cuts off)."""
    return str(number_format(f"{value:.{digits}f}", digits, force_grouping=True))


def few(value: int) -> str:
    """A count of people, hidden when it is small."""
    return _("under %(least)d") % {"least": LEAST} if 0 < value < LEAST else number(value)


def trend(figure: ClauseFigure) -> str:
    """What the months of a clause say."""
    if figure.chart is None or len(figure.chart.values) < RUN:
        return _("Too few months to say how it changes")
    signal = figure.signal
    return run(signal.pattern, signal.length) if signal else _("Steady")


def run(pattern: str, length: int) -> str:
    """Seven in a row below the median."""
    if pattern == "above":
        return ngettext(
            "%(n)d month in a row above the median", "%(n)d months in a row above the median", length
        ) % {"n": length}
    if pattern == "below":
        return ngettext(
            "%(n)d month in a row below the median", "%(n)d months in a row below the median", length
        ) % {"n": length}
    if pattern == "rising":
        return ngettext("Rising %(n)d month", "Rising %(n)d months", length) % {"n": length}
    return ngettext("Falling %(n)d month", "Falling %(n)d months", length) % {"n": length}


def attention(found: Sequence[ClauseFigure], municipality: str, place: str) -> list[tuple[ClauseFigure, str]]:
    """The clauses that somebody should look at, and why: the worst first."""
    said: list[tuple[int, ClauseFigure, str]] = []
    for one in found:
        values = {"clause": one.text.title, "place": place}
        signal = one.signal
        if municipality and one.standing(municipality) == "low":
            said.append((0, one, _("%(place)s is below what chance explains: %(clause)s.") % values))
        elif signal is not None and signal.pattern in ("falling", "below"):
            values["run"] = run(signal.pattern, signal.length)
            said.append((1, one, _("%(run)s: %(clause)s.") % values))
    return [(one, text) for _rank, one, text in sorted(said, key=lambda each: each[0])]


def worse(signal: Signal | None) -> bool:
    return signal is not None and signal.pattern in ("falling", "below")
