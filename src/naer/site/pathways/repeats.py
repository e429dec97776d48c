"""A button pressed twice: whether what somebody says was said by their organisation moments ago."""

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef

from naer.events.instant import MINUTE, Instant
from naer.site.pathways.actor import Actor, organisation_of
from naer.site.pathways.models import LoggedEvent

_TWICE = 2 * MINUTE


def just_said(
    actor: Actor,
    citizen_key: str,
    pathway: str,
    kind: str,
    at: Instant | None,
    attributes: Mapping[str, Any],
    now: Instant,
) -> bool:
    """Whether the organisation of `actor` said the very same moments ago, and has not taken it back.

    Without `at` any time is the same, without `pathway` any pathway. The caller holds the citizen's lock.
    """
    lately = LoggedEvent.objects.filter(
        citizen=citizen_key,
        organisation=organisation_of(actor),
        kind=kind,
        received__gt=now - _TWICE,
    ).exclude(Exists(LoggedEvent.objects.filter(citizen=citizen_key, changes=OuterRef("id"))))
    return any(
        at in (None, one.at) and pathway in ("", one.pathway) and attributes.items() <= said.items()
        for one in lately
        for said in (json.loads(one.attributes),)
    )
