"""A citizen of the demo who signs in, their daughter, what was measured, and requests for help.

Made once, when the demo is first served, through the same doors as everybody's.
"""

import random
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from naer.demo import facts
from naer.events.instant import DAY, HOUR, MINUTE, Instant
from naer.site.access import grants, rules
from naer.site.accounts.models import User
from naer.site.citizen import measurements
from naer.site.entry import actions as entry
from naer.site.entry.actions import Asked
from naer.site.entry.models import HelpRequest
from naer.site.pathways.models import Citizen
from naer.site.plans.models import Plan

CITIZEN, DAUGHTER = "borger", "eva"
_WEIGHTS = ("71.0", "70.4", "69.6", "68.7", "67.9", "67.2")
_OWN = "Jeg har svært ved at komme i bad, når jeg er hjemme igen. Kan nogen hjælpe mig om morgenen?"
_GP = "Bor alene, spiser for lidt og har tabt sig fire kilo. Vil I besøge hjemmet i denne uge?"
_PHONE = "Sønnen ringer: der er ikke styr på medicinen, og han bor langt væk."


def begin(now: Instant) -> int:
    """Make them, unless they are there; how many requests for help there are then."""
    if User.objects.filter(username=CITIZEN).exists():
        return HelpRequest.objects.count()
    rng = random.Random("the citizen of the demo")  # noqa: S311 - invented people
    new_id = partial(facts.new_id, rng)

    plan = Plan.objects.filter(ended=None).select_related("citizen").order_by("started", "pk").first()
    if plan is not None:
        _citizen(plan.citizen, now, new_id)
    _asked("henrik", _GP, now - 3 * HOUR, new_id)
    _asked("soren", _PHONE, now - 26 * HOUR, new_id, name="Sønnen", phone="+45 12 34 56 78")
    return HelpRequest.objects.count()


def _citizen(citizen: Citizen, now: Instant, new_id: Callable[[], str]) -> None:
    """The citizen and the daughter sign in; the citizen weighed every morning, and asks for help."""
    first, _, last = citizen.name.rpartition(" ")
    own = _user(CITIZEN, first, last, User.Role.CITIZEN, citizen)
    daughter = _user(DAUGHTER, "Eva", last, User.Role.RELATIVE, None)
    parts = ("plan", "medicines", "measurements", "help")
    code = new_id().upper()
    grants.give(own, citizen, "Min datter Eva", parts, now + 182 * DAY, now=now - DAY, new_code=lambda: code)
    grants.take(daughter, code, now=now - DAY + HOUR)
    for ago, weight in enumerate(reversed(_WEIGHTS)):
        at = now - ago * DAY - 5 * MINUTE
        measurements.add(own, citizen, "weight", Decimal(weight), at, now=at, new_id=new_id)
    entry.ask(own, citizen, Asked(_OWN), now=now - 2 * HOUR, new_id=new_id)


def _user(username: str, first: str, last: str, role: User.Role, citizen: Citizen | None) -> User:
    user = User(username=username, first_name=first, last_name=last, role=role, citizen=citizen, is_demo=True)
    user.set_unusable_password()
    user.save()
    return user


def _asked(
    username: str, text: str, at: Instant, new_id: Callable[[], str], name: str = "", phone: str = ""
) -> None:
    """Somebody asks for help for the first citizen they may see who has asked for none."""
    user = User.objects.filter(username=username, is_demo=True).first()
    if user is None:
        return
    seen = rules.visible_citizens(user, at, "ask-help").filter(help_requests=None)
    citizen = seen.exclude(status="deceased").order_by("key").first()
    if citizen is not None:
        entry.ask(user, citizen, Asked(text, name, phone, "relative"), now=at, new_id=new_id)
