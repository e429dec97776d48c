"""Which months a page of results is about."""

import datetime as dt
from dataclasses import dataclass

from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from naer.events.instant import Instant, local_date
from naer.site.ui.times import ZONE

CHOICES: dict[str, str | Promise] = {
    "12": gettext_lazy("Last 12 months"),
    "24": gettext_lazy("Last 24 months"),
    "3": gettext_lazy("Last 3 months"),
    "now": gettext_lazy("This month so far"),
}
"""What the reader can choose; whole months, but for the last."""
DEFAULT = "12"


@dataclass(frozen=True, slots=True)
class Period:
    """Months in order; `first` is the first day, `end` the day after the last."""

    name: str
    months: tuple[dt.date, ...]
    end: dt.date

    @property
    def first(self) -> dt.date:
        return self.months[0]

    @property
    def words(self) -> str:
        """November 2025 to October 2026."""
        if len(self.months) == 1:
            return long_month(self.first)
        return _("%(first)s to %(last)s") % {
            "first": long_month(self.first),
            "last": long_month(self.months[-1]),
        }

    def before(self) -> "Period":
        """As many months just before."""
        return _ending(self.name, self.first, len(self.months))


def period(name: str, now: Instant) -> Period:
    """The months that `name` means at `now`; an unknown name is the default."""
    this = local_date(now, ZONE).replace(day=1)
    if name == "now":
        return Period(name, (this,), following(this))
    chosen = name if name in CHOICES else DEFAULT
    return _ending(chosen, this, int(chosen))


def month(text: str) -> dt.date | None:
    """The first day of a month written as 2026-10; None when it is none."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None


def following(first: dt.date) -> dt.date:
    """The first day of the next month."""
    return (first + dt.timedelta(days=32)).replace(day=1)


def long_month(day: dt.date) -> str:
    """October 2026."""
    return dateformat.format(day, "F Y")


def short_month(day: dt.date) -> str:
    """Oct."""
    return dateformat.format(day, "M").removesuffix(".")


def _ending(name: str, end: dt.date, count: int) -> Period:
    months = [end]
    for _number in range(count):
        months.append((months[-1] - dt.timedelta(days=1)).replace(day=1))
    return Period(name, tuple(reversed(months[1:])), end)
