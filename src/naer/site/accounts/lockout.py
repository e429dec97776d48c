"""Lock-out: who guesses passwords is refused for a while, whether the user name exists or not.

A try is counted before the password is looked at, so that tries at the same time do not get around the limit.
A refused one is not counted: waiting always ends it. Names and addresses are kept as keyed hashes, for a day.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.crypto import salted_hmac

from naer.events.instant import DAY, MINUTE, Instant
from naer.site.accounts.models import FailedSignIn

WINDOW = 15 * MINUTE
"""Failures older than this no longer count."""
OF_NAME_FROM_ADDRESS = 5
"""Failures of one user name from one address, in the window, after which it is refused."""
OF_NAME = 30
"""Of one user name from anywhere: many addresses that guess together."""
FROM_ADDRESS = 100
"""From one address, whatever the user name: one that tries many names. A whole hospital may share one."""


class LockedOutError(Exception):
    """Too many tries; `until` (µs) is when the next one is looked at."""

    def __init__(self, until: Instant) -> None:
        super().__init__("too many failed sign-ins")
        self.until = until


@dataclass(frozen=True, slots=True)
class Try:
    """A sign-in that is being tried: counted as failed until it has succeeded."""

    name: str
    address: str
    row: int
    last: bool
    """Whether a failure of this one locks the name out."""


def begin(name: str, address: str, now: Instant) -> Try:
    """Count a try to sign in as `name` from a network address.

    Raises:
        LockedOutError: when there were too many; the password is then not to be looked at.
    """
    FailedSignIn.objects.filter(at__lt=now - DAY).delete()
    name, address = _hash("name", name.strip().casefold()), _hash("address", address)
    row = FailedSignIn.objects.create(name=name, address=address, at=now)
    counted = FailedSignIn.objects.filter(at__gt=now - WINDOW).order_by("-at", "-pk")
    last = False
    for which, limit in (
        (Q(name=name, address=address), OF_NAME_FROM_ADDRESS),
        (Q(name=name), OF_NAME),
        (Q(address=address), FROM_ADDRESS),
    ):
        found = list(counted.filter(which).values_list("at", flat=True)[: limit + 1])
        if len(found) > limit:
            row.delete()
            raise LockedOutError(found[limit] + WINDOW)
        last = last or (len(found) == limit and which != Q(address=address))
    return Try(name, address, row.pk, last)


def succeeded(tried: Try, since: Instant | None) -> int:
    """Take a try back, and the failures from the same address; how many others failed since `since`."""
    FailedSignIn.objects.filter(Q(pk=tried.row) | Q(name=tried.name, address=tried.address)).delete()
    return FailedSignIn.objects.filter(name=tried.name, at__gt=since or 0).count()


def unlock(name: str) -> int:
    """Forget the failures of a user name; how many there were."""
    return FailedSignIn.objects.filter(name=_hash("name", name.strip().casefold())).delete()[0]


def locked_until(name: str, now: Instant) -> Instant | None:
    """Until when somebody is refused as `name`, from anywhere or from the address that failed most."""
    rows = FailedSignIn.objects.filter(
        name=_hash("name", name.strip().casefold()), at__gt=now - WINDOW
    ).order_by("-at", "-pk")
    by_address: dict[str, list[Instant]] = {"": []}
    for address, at in rows.values_list("address", "at"):
        by_address[""].append(at)
        by_address.setdefault(address, []).append(at)
    ends = [
        ats[limit - 1] + WINDOW
        for address, ats in by_address.items()
        for limit in (OF_NAME_FROM_ADDRESS if address else OF_NAME,)
        if len(ats) >= limit
    ]
    return max(ends, default=None)


def _hash(kind: str, text: str) -> str:
    return salted_hmac(f"sign-in {kind}", text, algorithm="sha256").hexdigest()
