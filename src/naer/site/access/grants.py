"""A citizen lets somebody near them see something, until a day: offered, taken with a code, taken back."""

from collections.abc import Callable, Iterable
from hashlib import sha256

from django.db import transaction
from django.db.models import Q, QuerySet

from naer.events.instant import DAY, Instant
from naer.site.access import rules
from naer.site.access.models import Grant
from naer.site.access.table import GRANTED
from naer.site.accounts.models import User
from naer.site.pathways.models import Citizen

TAKEN_WITHIN = 14 * DAY
"""So long a code can be used, in microseconds."""
LONGEST = 366 * DAY
"""A grant lasts no longer; it can be given anew."""


class GrantRefusedError(ValueError):
    """What was asked makes no sense as things stand; the text says why and may be shown."""


def give(
    user: User,
    citizen: Citizen,
    name: str,
    parts: Iterable[str],
    until: Instant,
    *,
    now: Instant,
    new_code: Callable[[], str],
) -> tuple[Grant, str]:
    """Offer `parts` (keys of `table.GRANTED`) to somebody called `name`, and the code they take it with.

    The code is shown once: only its hash is kept.

    Raises:
        GrantRefusedError: when a part is unknown, or `until` lies before `now` or too far ahead.
        PermissionDenied: when `user` may not grant for `citizen`.
    """
    wanted = {"page", *parts}
    if unknown := wanted - set(GRANTED):
        raise GrantRefusedError(f"nothing called {sorted(unknown)[0]!r} can be granted")
    if not now < until <= now + LONGEST:
        raise GrantRefusedError("a grant ends later than now, and within a year")
    code = new_code()
    with transaction.atomic():
        made = Grant.objects.create(
            citizen=citizen,
            name=name.strip()[:100],
            code=_hash(code),
            what=f" {' '.join(part for part in GRANTED if part in wanted)} ",
            since=now,
            until=until,
        )
        rules.look(user, citizen, "grant", f"grant {made.pk}", now)
    return made, code


def take(user: User, code: str, *, now: Instant) -> Grant:
    """What was granted with `code` belongs to `user` from now on.

    Raises:
        GrantRefusedError: when there is no such code, it was used, or it is too old: which is not told.
    """
    if user.role != User.Role.RELATIVE or not user.is_active:
        raise GrantRefusedError("only next of kin take a grant")
    with transaction.atomic():
        found = (
            Grant.objects.select_for_update()
            .filter(code=_hash(code), relative=None, ended=None)
            .filter(until__gt=now, since__gt=now - TAKEN_WITHIN)
            .first()
        )
        if found is None or not _plain(code):
            raise GrantRefusedError("this code is not valid any more")
        found.relative, found.code = user, ""
        found.save(update_fields=["relative", "code"])
        rules.look(user, found.citizen, "own-page", f"grant {found.pk} taken", now)
    return found


def end(user: User, grant: int, *, now: Instant) -> None:
    """Take a grant back, at once.

    Raises:
        PermissionDenied: when `user` may not grant for that citizen.
        Grant.DoesNotExist: when there is no such grant.
    """
    with transaction.atomic():
        found = Grant.objects.select_for_update().select_related("citizen").get(pk=grant)
        rules.look(user, found.citizen, "grant", f"grant {found.pk} ended", now)
        if found.ended is None:
            found.ended, found.code = now, ""
            found.save(update_fields=["ended", "code"])


def of(citizen: Citizen, now: Instant) -> QuerySet[Grant]:
    """What a citizen has granted and holds at `now`: taken, or still offered; newest first."""
    offered = Q(relative=None, since__gt=now - TAKEN_WITHIN)
    return (
        Grant.objects.filter(Q(relative__isnull=False) | offered, citizen=citizen, ended=None, until__gt=now)
        .select_related("relative")
        .order_by("-since", "-pk")
    )


def parts_of(grant: Grant) -> tuple[str, ...]:
    """What a grant is about, as keys of `table.GRANTED`."""
    return tuple(part for part in GRANTED if f" {part} " in grant.what)


def _hash(code: str) -> str:
    return sha256(f"grant {_plain(code)}".encode()).hexdigest()


def _plain(code: str) -> str:
    """A code as people may type it: without spaces and hyphens, in capitals."""
    return "".join(one for one in code[:40].upper() if one.isalnum())
