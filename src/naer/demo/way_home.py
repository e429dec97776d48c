"""The way home in the demo: answers, an agreed discharge, medicines at the handover, for people to see.

Made once, when the demo is first served, through the same doors as everybody's.
"""

import datetime as dt
import random
from collections.abc import Callable
from functools import partial

from naer.demo import facts
from naer.events.instant import DAY, HOUR, MINUTE, ZONES, Instant, from_local, local_date
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.discharge import actions, handover, pages
from naer.site.discharge.medicines import Medicine
from naer.site.discharge.models import MedicineList
from naer.site.messaging.drafts import Written
from naer.site.pathways import stage
from naer.site.pathways.models import Citizen

_BEFORE = (
    Medicine("Prøvofurix", "40 mg", "1 tablet morgen", "fixed", "yes"),
    Medicine("Eksempolol", "50 mg", "1 tablet morgen", "fixed", "yes"),
    Medicine("Modelprofen", "400 mg", "1 tablet ved smerter, højst 3 om dagen", "needed", "no"),
    Medicine("Kladdesterin", "20 mg", "", "fixed", "yes"),
)
"""Invented medicines: no such thing can be prescribed."""
_AFTER = (
    Medicine("Prøvofurix", "40 mg", "2 tabletter morgen", "fixed", "yes", "Hævede ben"),
    Medicine("Eksempolol", "50 mg", "1 tablet morgen", "fixed", "yes"),
    Medicine("Skitsecyklin", "100 mg", "1 tablet daglig i 7 dage", "course", "no", "Lungebetændelse"),
    Medicine("Kladdesterin", "20 mg", "1 tablet aften", "fixed", "yes"),
)
_SAID = {"Eksempolol": ("continue", ""), "Skitsecyklin": ("new", "Kuren slutter af sig selv")}
"""What has been confirmed already: medicine → what becomes of it, and why."""
_PHONE = "+45 12 34 56 00"
_NEEDED = 3


def begin(now: Instant) -> int:
    """Make it, unless there is some; how many lists of medicines there are then."""
    if MedicineList.objects.exists():
        return MedicineList.objects.count()
    rng = random.Random("the way home in the demo")  # noqa: S311 - invented people
    new_id = partial(facts.new_id, rng)

    people = {user.username: user for user in User.objects.filter(is_demo=True)}
    for town, ward in (("mette", "camilla"), ("soren", "jonas")):
        if town in people and ward in people:
            _make(people[town], people[ward], now, new_id)
    return MedicineList.objects.count()


def _make(town: User, ward: User, now: Instant, new_id: Callable[[], str]) -> None:
    """Two can be received; for one of them the discharge is agreed and the medicines are compared."""
    seen = rules.visible_citizens(town, now, "answer-ready")
    both = seen.filter(pk__in=rules.visible_citizens(ward, now, "agree-discharge").values("pk"))
    ready = list(both.filter(stage=stage.READY).order_by("stage_since", "key")[:_NEEDED])
    for citizen in ready[:2]:
        actions.receive_now(town, citizen, _PHONE, now=now - 20 * MINUTE, new_id=new_id)
    if ready:
        first = Citizen.objects.get(pk=ready[0].pk)
        leaves = from_local(dt.datetime.combine(local_date(now + DAY, ZONES["DK"]), dt.time(11)), ZONES["DK"])
        actions.agree(
            ward, first, actions.Agreed(leaves, "home"), Written("", phone=_PHONE),
            pathway=pages.pathway(first, now), now=now - 10 * MINUTE, new_id=new_id,
        )  # fmt: skip
        _medicines(town, ward, first, now, new_id)


def _medicines(town: User, ward: User, citizen: Citizen, now: Instant, new_id: Callable[[], str]) -> None:
    for user, moment, medicines, ago in ((town, "before", _BEFORE, 5), (ward, "after", _AFTER, 3)):
        handover.write_list(
            user, citizen, moment, medicines, after_version=0, now=now - ago * HOUR, new_id=new_id
        )
    for line in handover.handover(citizen, now).lines:
        said = _SAID.get(line.compared.name)
        if said is not None:
            handover.confirm(ward, citizen, line.id, *said, now=now - 2 * HOUR, new_id=new_id)
