"""The relation that a request for help gives: the municipality that is asked may see whom it is about."""

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from naer.events.instant import DAY, Instant
from naer.site.entry.models import HelpRequest


def asked(organisation: str, now: Instant) -> Exists:
    """Citizens for whom `organisation` was asked for help: until some time after it was answered.

    The time is that for which a hospital still sees a citizen after a stay (`NAER_STAY_SIGHT_DAYS`).
    """
    since = now - settings.STAY_SIGHT_DAYS * DAY
    return Exists(
        HelpRequest.objects.filter(
            Q(answered=None) | Q(answered__gte=since), citizen=OuterRef("pk"), organisation=organisation
        )
    )
