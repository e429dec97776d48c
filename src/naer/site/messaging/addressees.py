"""Whom an organisation tells what happened, when no obligation says it."""

from naer.site.accounts.models import Organisation
from naer.site.pathways.models import Citizen, LoggedEvent

_TO_THE_DOCTOR = frozenset({"service_offer", "health_information", "died"})
"""Kinds of event that a municipality tells the citizen's own doctor."""


def addressee(ours: Organisation, citizen: Citizen, pathway: str, kind: str) -> Organisation | None:
    """Whom `ours` tells a kind of event.

    A hospital and a doctor tell the municipality where the citizen lives. A municipality tells the doctor
    what is for the doctor, the one who asked for its acute function that the task has ended, and the hospital
    of the stay anything else.
    """
    roles = Organisation.Role
    if kind == "died" and ours.role == roles.HOSPITAL:
        return None  # a hospital tells it by the discharge
    if ours.role in (roles.HOSPITAL, roles.GP):
        homes = Organisation.objects.filter(role=roles.MUNICIPALITY, municipality=citizen.municipality)
        return homes.first()
    if kind in _TO_THE_DOCTOR:
        return citizen.gp
    told = LoggedEvent.objects.filter(pathway=pathway, citizen=citizen.key).exclude(organisation=None)
    if kind == "acute_closing":
        told, others = told.filter(kind="acute_referral"), Organisation.objects.exclude(pk=ours.pk)
    else:
        others = Organisation.objects.filter(role=roles.HOSPITAL)
    last = told.filter(organisation__in=others.values("pk")).order_by("-at", "-seq").first()
    return others.filter(pk=last.organisation).first() if last is not None else None
