"""A button pressed twice: whether what somebody says was said by their organisation moments ago."""

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef

from naer.events.instant import MINUTE, Instant
from naer.site.pathways.actor import Actor, organisation_of
from naer.site.pathways.models import LoggedEvent

TWICE = 2 * MINUTE
"""So soon the same again is the button pressed twice; later it is said again. Microseconds."""


def just_said(
    actor: Actor,
    citizen_key: str,
    pathway: str,
    kind: str,
    at: Instant | None,
    attributes: Mapping[str, Any],
    now: Instant,
    *,
    carried: frozenset[str] = frozenset(),
) -> bool:
    """Whether the organisation of `actor` said the very same moments ago, and has not taken it back.

    Without `at` any time is the same, without `pathway` any pathway; attributes are the same when all are
    but those in `carried`, which say how it went and not what. The caller holds the citizen's lock.
    """
    lately = LoggedEvent.objects.filter(
        citizen=citizen_key,
        organisation=organisation_of(actor),
        kind=kind,
        received__gt=now - TWICE,
    ).exclude(Exists(LoggedEvent.objects.filter(citizen=citizen_key, changes=OuterRef("id"))))
    own = _less(attributes, carried)
    return any(
        at in (None, one.at)
        and pathway in ("", one.pathway)
        and _less(json.loads(one.attributes), carried) == own
        for one in lately
    )


def _less(attributes: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name not in names}
