"""The access log shows when it was changed: a digest over the entries since the last one, chained to it.

Entries are written by many at once, so no entry names the one before. Every hour a seal covers what came
since: a row changed, removed or put in between afterwards is found by `naer doctor`. The chain has no secret;
who may write everything can make a new one, but not one with an old digest noted elsewhere in it.
"""

import json
from collections.abc import Iterator
from hashlib import sha256

from django.db import connection, transaction
from django.db.models import Max

from naer.events.chain import ORIGIN
from naer.events.instant import HOUR, Instant, from_datetime, utc
from naer.site import bulk
from naer.site.access.models import AccessEntry, AccessSeal

EVERY = HOUR
FIELDS = (
    "pk",
    "at",
    "user",
    "organisation",
    "role",
    "citizen",
    "action",
    "subject",
    "relation",
    "purpose",
    "whence",
)
"""What a digest is over, in this order; `at` as microseconds."""


def seal(now: Instant, every: Instant = EVERY) -> bool:
    """Seal the entries that came since the last seal, when that is older than `every` (microseconds)."""
    last = AccessSeal.objects.order_by("-pk").first()
    if last is not None and now - from_datetime(last.at) < every:
        return False
    newest = _newest()
    with transaction.atomic():
        if connection.vendor == "postgresql":
            bulk.run("LOCK TABLE access_accessseal IN EXCLUSIVE MODE")
        last = AccessSeal.objects.order_by("-pk").first()
        begun = last.last if last is not None else 0
        if newest <= begun:
            return False
        digest, entries = _digest(last.digest if last is not None else ORIGIN, begun, newest)
        AccessSeal.objects.create(at=utc(now), last=newest, entries=entries, digest=digest)
    return True


def _newest() -> int:
    """The newest entry, when everything written before it is there: PostgreSQL waits for those who write."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            bulk.run("LOCK TABLE access_accessentry IN SHARE MODE")
        return AccessEntry.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _digest(previous: str, after: int, last: int) -> tuple[str, int]:
    """The digest over the entries after one up to another, and how many they are."""
    made, entries = sha256(previous.encode()), 0
    found = AccessEntry.objects.filter(pk__gt=after, pk__lte=last).order_by("pk").values_list(*FIELDS)
    for key, at, *rest in found.iterator(chunk_size=5000):
        made.update(json.dumps([key, from_datetime(at), *rest]).encode())
        entries += 1
    return made.hexdigest(), entries


def findings() -> Iterator[str]:
    """What is wrong with the log: one sentence for each seal that no longer holds."""
    previous, after = ORIGIN, 0
    for one in AccessSeal.objects.order_by("pk").iterator():
        digest, entries = _digest(previous, after, one.last)
        if entries != one.entries:
            yield (
                f"access log, seal {one.pk}: {one.entries} entries were sealed up to entry {one.last}, "
                f"{entries} are there"
            )
        elif digest != one.digest:
            yield f"access log, seal {one.pk}: an entry up to {one.last} is not what was written"
        previous, after = one.digest, one.last
