"""What the reader of a page of results asked for: months, municipality, agreement, clause."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest

from naer.events.instant import Instant
from naer.site.accounts.models import Organisation, User
from naer.site.governance import period as periods
from naer.site.governance.period import Period

EVERYWHERE = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """`municipality` is a code, empty for all; `month` narrows the period to one of its months."""

    period: Period
    municipality: str
    agreement: str = ""
    clause: str = ""
    month: dt.date | None = None
    part: str = ""

    @property
    def narrow(self) -> Period:
        """The month asked for, else the whole period."""
        if self.month is None:
            return self.period
        return Period(self.period.name, (self.month,), periods.following(self.month))

    def query(self, **changes: str) -> str:
        """The parameters that ask for the same, with some changed; empty ones are left out."""
        given = {
            "period": "" if self.period.name == periods.DEFAULT else self.period.name,
            "m": self.municipality or EVERYWHERE,
            "month": f"{self.month:%Y-%m}" if self.month else "",
        } | changes
        return urlencode({name: value for name, value in given.items() if value})


def asked(request: HttpRequest, user: User, now: Instant) -> Asked:
    """Read the parameters; what is not said is the reader's own municipality and the last 12 months."""
    given = request.GET
    chosen = periods.period(given.get("period", ""), now)
    month = periods.month(given.get("month", ""))
    place = given.get("m") or own(user) or EVERYWHERE
    return Asked(
        period=chosen,
        municipality="" if place == EVERYWHERE else place,
        agreement=given.get("a", ""),
        clause=given.get("clause", ""),
        month=month if month in chosen.months else None,
        part=given.get("part", ""),
    )


def own(user: User) -> str:
    """The municipality that the reader works for; empty when it is none."""
    organisation = user.organisation
    if organisation is None or organisation.role != Organisation.Role.MUNICIPALITY:
        return ""
    return organisation.municipality


def names() -> dict[str, str]:
    """Municipality code → short name, as in Hjørring."""
    found = Organisation.objects.filter(role=Organisation.Role.MUNICIPALITY)
    return {code: short(name) for code, name in found.order_by("name").values_list("municipality", "name")}


def short(name: str) -> str:
    """A municipality without the word for it."""
    for ending in (" kommune", " prøvekommune"):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name
