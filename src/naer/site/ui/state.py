"""The state of an obligation at an instant: one of six marks, and the words beside it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from naer.events.instant import HOUR, MINUTE, Instant
from naer.site.ui.times import span

SOON = 2 * HOUR
"""An obligation is "due soon" from this long before it is due, in microseconds."""


@dataclass(frozen=True, slots=True)
class State:
    """`name` picks mark and colour: open, soon, over, kept, late or released."""

    name: str
    words: str
    breach: bool = False
    """Whether it says that somebody broke the agreement: then an unverified limit must be named."""

    @property
    def mark(self) -> str:
        """Name of its shape in the sprite."""
        return f"s-{self.name}"


def state(
    outcome: str,
    due: Instant | None,
    closed_at: Instant | None,
    now: Instant,
    *,
    start: Instant,
    partial: bool = False,
) -> State:
    """The state of an obligation whose stored `outcome` is "" while it runs.

    `partial`: not everything done is recorded, so silence is "not recorded", never a breach (S31).
    """
    match outcome:
        case "kept":
            return State("kept", _kept(due, closed_at))
        case "late":
            late = span(max((closed_at or now) - (due or now), MINUTE))
            return State("late", _("Kept %(time)s late") % {"time": late}, breach=True)
        case "released":
            return State("released", _("Released"))
        case "superseded":
            return State("released", _("Replaced by a later one"))
    if due is None:
        return State("open", _("Open for %(time)s") % {"time": span(max(now - start, 0))})
    if now > due:
        if partial:
            return State("released", _("Not recorded"))
        if outcome == "missing":
            return State("over", _("Not delivered"), breach=True)
        return State("over", _("Overdue %(time)s") % {"time": span(now - due)}, breach=True)
    if due - now <= SOON:
        return State("soon", _("Due in %(time)s") % {"time": span(due - now)})
    return State("open", _("Open, in %(time)s") % {"time": span(due - now)})


def _kept(due: Instant | None, closed_at: Instant | None) -> str:
    if due is None or closed_at is None:
        return _("Kept")
    early = due - closed_at
    return _("Kept %(time)s early") % {"time": span(early)} if early >= MINUTE else _("Kept on time")
