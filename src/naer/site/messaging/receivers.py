"""Whom a message about a citizen can go to: those with a known part in the care first, then the others."""

from django.db.models import Q
from django.utils.translation import gettext as _

from naer.events.instant import Instant
from naer.site.accounts.models import Organisation, User
from naer.site.messaging.conversation_words import CARE
from naer.site.messaging.models import ThreadParty
from naer.site.pathways.history import history
from naer.site.pathways.models import Citizen, LoggedEvent

Choices = list[tuple[str, list[tuple[str, str]]]]
DIALOGUE = "plo-dialog-helsefaglig"


def standard_of(user: User) -> str:
    """What an organisation writes in: CareCommunication when it has Danish ids, else Norwegian dialogue."""
    own = user.organisation
    return CARE if own is None or (own.sor and own.gln) or not own.addresses.exists() else DIALOGUE


def offered(user: User, citizen: Citizen, standard: str) -> tuple[Choices, frozenset[str]]:
    """The organisations that can be written to in a standard, in two groups; and the keys of the first."""
    reached = Q(sor__isnull=False) | Q(gln__isnull=False)
    if standard != CARE:
        reached = Q(addresses__isnull=False)
    known = Organisation.objects.filter(reached).exclude(pk=user.organisation_id).distinct().order_by("name")
    near = parties(citizen)
    first = [(one.key, one.name) for one in known if one.key in near]
    others = [(one.key, one.name) for one in known if one.key not in near]
    groups = [(_("Take part in the care"), first), (_("Others"), others)]
    return [group for group in groups if group[1]], frozenset(key for key, _name in first)


def parties(citizen: Citizen) -> set[str]:
    """Organisations with a known part in the care: home, practice, those in the log and in conversations."""
    keys = set(LoggedEvent.objects.filter(citizen=citizen.key).values_list("organisation", flat=True))
    keys |= set(ThreadParty.objects.filter(thread__citizen=citizen).values_list("organisation", flat=True))
    home = Organisation.objects.filter(
        role=Organisation.Role.MUNICIPALITY, municipality=citizen.municipality
    ).values_list("pk", flat=True)
    return {key for key in (*keys, *home, citizen.gp_id) if key}


def hospital_of(citizen: Citizen, now: Instant) -> Organisation | None:
    """The hospital of the stay that runs, else of the last one."""
    stays = history(citizen.key, now).stays
    key = next((stay.hospital for stay in reversed(stays) if stay.hospital), None)
    return Organisation.objects.filter(pk=key).first() if key else None
