"""Emergency access of the demo: one was looked into by a colleague, one waits.

Made once, when the demo is first served, through the same doors as everybody's.
"""

from naer.events.instant import DAY, HOUR, Instant
from naer.site.access import emergencies, rules
from naer.site.access.models import Emergency
from naer.site.accounts.models import User
from naer.site.pathways.models import Citizen

_OLD = "Ringede selv fra gaden, forvirret og alene. Skulle vide, om der var en plejekontakt."
_NEW = "Fundet på trappen af hjemmeplejen hos naboen, kunne ikke svare. Medicin ukendt."
_NOTE = "Kunne ikke vente. Vi har talt om at ringe til vagttelefonen først."


def begin(now: Instant) -> int:
    """Make them, unless there are some; how many there are then."""
    if Emergency.objects.exists():
        return Emergency.objects.count()
    opener = User.objects.filter(is_demo=True, role=User.Role.NURSE).order_by("pk").first()
    if opener is None:
        return 0
    known = rules.visible_citizens(opener, now).values("pk")
    strangers = list(Citizen.objects.exclude(pk__in=known).order_by("key")[:2])
    for citizen, reason, ago in zip(strangers, (_OLD, _NEW), (3 * DAY, 2 * HOUR), strict=False):
        made = emergencies.open_record(opener, citizen, reason, now=now - ago)
        if reason == _OLD and made.reviewer is not None:
            emergencies.review(made.reviewer, made.pk, "right", _NOTE, now=now - ago + 5 * HOUR)
    return len(strangers)
