"""The small thread: where one citizen is between admitted, ready for discharge and home."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from naer.events.instant import Instant
from naer.site.ui.times import brief, when

_PLACES = (("4%", "0%", "start"), ("50%", "46%", "start"), ("96%", "100%", "end"))
"""Where a mark and its text stand. The middle text begins under its mark, so that on a telephone neither
meets the first nor leaves the drawing."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A mark: `shape` is its class, `x` and `text_x` are percent of the width."""

    shape: str
    r: int
    x: str
    text_x: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Mini:
    words: str
    """The drawing in one sentence."""
    past: str
    """Where the solid line ends; empty when there is none yet."""
    ahead: str
    stops: tuple[Stop, ...]


def mini(admitted: Instant, ready: Instant | None, now: Instant) -> Mini:
    """The small thread of a stay that runs."""
    begun = when(admitted, now)
    became = _("ready %(time)s") % {"time": brief(ready, now)} if ready is not None else ""
    texts = [brief(admitted, now), became, ""]
    reached = 0 if ready is None else 1
    stops = tuple(
        Stop(
            "th-event" if i < reached else "th-here" if i == reached else "th-plan",
            6 if i <= reached else 5,
            *_PLACES[i],
            texts[i],
        )
        for i in range(3)
    )
    if ready is None:
        said = _("In hospital since %(time)s, not yet ready for discharge") % {"time": begun}
    else:
        said = _("In hospital since %(time)s, ready for discharge since %(ready)s") % {
            "time": begun,
            "ready": when(ready, now),
        }
    return Mini(said, "50%" if reached else "", "53%" if reached else "7%", stops)
