"""HospitalNotification out: a hospital without a system of its own tells a municipality of a stay.

What a hospital tells is its own record, so that it sees the stay. The message goes to the municipality by the
outbox, and what becomes of it there is decided there: without a legal basis nothing is kept of it.
"""

from dataclasses import dataclass

import msgspec
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from naer.events.event import Event
from naer.events.instant import DAY, ZONES, Instant, local_date
from naer.messages import read
from naer.messages.content import Person
from naer.messages.medcom import events
from naer.messages.medcom.told import STARTS, Told, told, write
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import composing, legal_basis, ways
from naer.site.messaging.models import Message
from naer.site.pathways import actions, enrol, store
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.models import Citizen
from naer.site.pathways.state import State

STANDARD = "medcom-hospitalnotification"
RECENT = 30 * DAY
"""A hospital whose system notified so lately has one."""
_SYSTEMS = ("http", "folder")
"""Channels that only systems use."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What somebody tells: the code, when it happened, to which municipality, and if it asks for a report.

    `report_to` is who shall have the report, when not the hospital itself.
    """

    code: str
    at: Instant
    receiver: Organisation
    report: bool | None = None
    report_to: Organisation | None = None


def has_system(hospital: Organisation, now: Instant) -> bool:
    """Whether a system of the hospital's own notifies: then nobody tells it here as well."""
    return Message.objects.filter(
        sender=hospital.key, standard=STANDARD, channel__in=_SYSTEMS, received__gte=now - RECENT
    ).exists()


def may_tell(user: User, now: Instant) -> bool:
    """Whether `user` can send notifications for a hospital."""
    hospital = user.organisation
    return rules.may(user, "notify") and hospital is not None and not has_system(hospital, now)


def before(citizen: Citizen, pathway: str, hospital: str, now: Instant) -> Told:
    """What the hospital has told of a stay so far."""
    (state,) = store.load([citizen.key], locked=False).values()
    return told(state.events, hospital, pathway, now)


def newest(citizen: Citizen, hospital: str, now: Instant) -> tuple[str, Told]:
    """The pathway of the stay that the hospital told of last, with what it told; none, and nothing told."""
    (state,) = store.load([citizen.key], locked=False).values()
    own = [one for one in state.events if one.source == events.SOURCE and one.organisation == hospital]
    if not own:
        return "", Told()
    pathway = max(own, key=lambda one: one.sent_or_at).pathway
    return pathway, told(state.events, hospital, pathway, now)


def begin(
    user: User, number: str, name: str, telling: Telling, *, now: Instant, new_id: NewId
) -> tuple[Citizen, Event]:
    """Tell that somebody came to the hospital; one who is not known yet is made known, as provisional.

    Raises:
        ActionRefusedError: when the stay is told already, or a party has no ids to be addressed by.
        EnrolmentError: when the number is none.
        PermissionDenied: when the user may not tell.
    """
    if telling.code not in STARTS:
        raise ActionRefusedError(f"{telling.code} begins no stay")
    _require(user, now)
    with transaction.atomic():
        citizen = enrol.by_number(number)
        if citizen is None:
            citizen, _made = enrol.citizen(number, telling.receiver.municipality, new_id=new_id, name=name)
            Citizen.objects.filter(pk=citizen.pk).update(provisional=True)
        store.lock([citizen.key])
        _pathway, stay = newest(citizen, user.organisation_id or "", now)
        if stay.status not in ("none", "discharged"):
            raise ActionRefusedError(_("This stay has begun already, or the citizen has died."))
        return citizen, _tell(user, citizen, "", Told(), telling, now=now, new_id=new_id)


def go_on(
    user: User, citizen: Citizen, pathway: str, telling: Telling, *, now: Instant, new_id: NewId
) -> Event:
    """Tell what came next in a stay of the hospital's own, or correct or cancel what it told last.

    Raises:
        ActionRefusedError: when it cannot follow what was told.
        PermissionDenied: when the user may not tell, or has no care relation.
    """
    _require(user, now)
    rules.require(user, citizen, "notify", now)
    with transaction.atomic():
        store.lock([citizen.key])
        stay = before(citizen, pathway, user.organisation_id or "", now)
        if telling.code not in stay.possible:
            raise ActionRefusedError(f"{telling.code} cannot follow what was told")
        return _tell(user, citizen, pathway, stay, telling, now=now, new_id=new_id)


def _require(user: User, now: Instant) -> None:
    if not may_tell(user, now):
        raise PermissionDenied("no hospital notification is sent from here")


def _tell(
    user: User, citizen: Citizen, pathway: str, stay: Told, telling: Telling, *, now: Instant, new_id: NewId
) -> Event:
    hospital = user.organisation
    assert hospital is not None
    if telling.at > now:
        raise ActionRefusedError(_("That is in the future. Record it when it has happened."))
    for party in (hospital, telling.receiver):
        if not (party.sor and party.gln):
            raise ActionRefusedError(
                _("%(who)s has no SOR id and location number to be addressed by.") % {"who": party.name}
            )
    person = composing.person(citizen)
    form = composing.format_for(STANDARD, telling.receiver.key)
    header, data = write(
        telling.code,
        telling.at,
        before=stay,
        person=Person(number=person.number, family=person.family or "-", given=person.given),
        sender=composing.party(hospital.key),
        receiver=composing.party(telling.receiver.key),
        now=now,
        new_id=new_id,
        report_requested=telling.report,
        report_recipient=composing.party(telling.report_to.key) if telling.report_to is not None else None,
        format=form,
    )
    incoming = read(data, f"application/fhir+{form}")
    if incoming.notification is None or incoming.issues:
        raise ActionRefusedError("; ".join(issue.text for issue in incoming.issues))
    code = telling.receiver.municipality
    course = pathway or f"{citizen.key}.{incoming.notification.episode.key}"

    def make(state: State) -> list[Event]:
        told_to = code if _owes(telling.receiver, state, now) else None
        event = events.event(incoming, citizen.key, course, hospital.key, told_to, now)
        if told_to is None:
            asked = ("report_requested", "report_recipient")
            said = {name: value for name, value in event.attributes.items() if name not in asked}
            event = msgspec.structs.replace(event, attributes=said)
        return [event]

    (event,) = actions.append(
        user, citizen.key, make, action="notify", subject=header, relation="stay", now=now
    )
    composing.put(
        data,
        message_id=header,
        standard=STANDARD,
        type=telling.code,
        format=form,
        sender=hospital.key,
        receiver=telling.receiver.key,
        citizen=citizen,
        actor=user,
        now=now,
        event=str(event.id),
        pathway=course,
    )
    return event


def _owes(receiver: Organisation, state: State, now: Instant) -> bool:
    """Whether the notification can open what the municipality owes.

    One that is served here as well must have a legal basis; of one that is elsewhere only its answer tells.
    """
    if ways.way(STANDARD, receiver.key) is not ways.LOCAL:
        return True
    today = local_date(now, ZONES["DK"])
    return legal_basis.basis(state.cases, receiver.municipality, today) is not None


def municipalities(citizen: Citizen | None) -> list[Organisation]:
    """Whom a hospital can tell: the municipality of residence first, then the others by name."""
    found = Organisation.objects.filter(role=Organisation.Role.MUNICIPALITY).order_by("name")
    home = citizen.municipality if citizen else ""
    return sorted(found, key=lambda one: one.municipality != home)


def hospitals(user: User) -> list[Organisation]:
    """Other hospitals that can be named to have a report, by name."""
    found = Organisation.objects.filter(role=Organisation.Role.HOSPITAL, sor__isnull=False, gln__isnull=False)
    return [one for one in found.exclude(pk=user.organisation_id).order_by("name") if one.sor and one.gln]
