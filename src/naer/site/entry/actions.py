"""Everything people do about a request for help: ask, sort, hand to somebody, answer.

Each takes the actor and `now`, asks the one door, adds its event in the same transaction, and leaves a trace.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from naer.events.event import Event
from naer.events.instant import MINUTE, Instant
from naer.site import vault
from naer.site.access import rules
from naer.site.access.models import Block
from naer.site.accounts.models import Organisation, User
from naer.site.entry.models import HELP, SEALED, HelpRequest, HelpStep
from naer.site.messaging.models import StoredLetter
from naer.site.notifications.actions import tell
from naer.site.pathways import actions, enrol, store
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.actor import permit
from naer.site.pathways.models import Citizen

NewId = Callable[[], str]
_TWICE = 10 * MINUTE
TEXT = 4000
"""Characters of what somebody asks or answers."""
CALLED = "called"
"""The relation in the trace where none stood before a call was written down (`access.actions.RELATIONS`)."""

_ASKER = {
    User.Role.CITIZEN.value: HelpRequest.Asker.CITIZEN,
    User.Role.RELATIVE.value: HelpRequest.Asker.RELATIVE,
    User.Role.GP.value: HelpRequest.Asker.GP,
    User.Role.DISCHARGE.value: HelpRequest.Asker.HOSPITAL,
}
"""Role → who asks, for those who ask for themselves or their organisation."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for, in their words; for somebody without a user also who and how to reach them."""

    text: str
    name: str = ""
    phone: str = ""
    asked_by: str = ""
    """For what the municipality writes down: who called. Else it follows from the user's role."""
    letter: StoredLetter | None = None
    """The message that asked."""


def seal(**content: str) -> bytes:
    """What is sealed of a request or a step."""
    return vault.seal(SEALED, msgspec.json.encode(content))


def unseal(sealed: bytes | None) -> dict[str, str]:
    """What `seal` was given; nothing for none."""
    return msgspec.json.decode(vault.unseal(SEALED, bytes(sealed)), type=dict[str, str]) if sealed else {}


def ask(user: User, citizen: Citizen, asked: Asked, *, now: Instant, new_id: NewId) -> HelpRequest:
    """Ask the citizen's municipality for help. What the municipality itself writes down came by telephone.

    Raises:
        ActionRefusedError: when nothing is said, or the citizen's municipality is not here or is kept out.
        PermissionDenied: when no relation allows it.
    """
    return _ask(user, citizen, asked, permit(user, citizen, "ask-help", now), now, new_id)


def note(user: User, number: str, name: str, asked: Asked, *, now: Instant, new_id: NewId) -> HelpRequest:
    """Write down that somebody called about one who may not be known here: they come into the register.

    Only for those who live in the user's own municipality; the request is what lets it see them. Where
    nothing let the user see them before, the trace says `CALLED`: who oversees access has that in a list.

    Raises:
        ActionRefusedError: when they live elsewhere, or nothing is said.
        EnrolmentError: when the number is none.
        PermissionDenied: when the role sorts no requests.
    """
    place = user.organisation
    if not rules.may(user, "requests") or place is None or place.role != Organisation.Role.MUNICIPALITY:
        raise PermissionDenied("the role takes in no requests")
    with transaction.atomic():
        found = enrol.by_number(number)
        if found is None:
            found, _new = enrol.citizen(number, place.municipality, name=name, new_id=new_id)
        if found.municipality != place.municipality:
            raise ActionRefusedError(_("the citizen lives in another municipality; refer the caller to it"))
        relation = rules.relation(user, found, now, "look") or CALLED
        return _ask(user, found, asked, relation, now, new_id)


def _ask(
    user: User, citizen: Citizen, asked: Asked, relation: str, now: Instant, new_id: NewId
) -> HelpRequest:
    text = asked.text.strip()[:TEXT]
    if not text:
        raise ActionRefusedError("nothing is asked for; write what help is needed")
    town = Organisation.objects.filter(
        role=Organisation.Role.MUNICIPALITY, municipality=citizen.municipality
    ).first()
    if town is None:
        raise ActionRefusedError(_("the municipality cannot be reached from here; call it"))
    if citizen.status == "deceased":
        raise ActionRefusedError(_("the citizen has died"))
    if Block.objects.filter(citizen=citizen, organisation=town, lifted=None).exists():
        # nobody there could read it; who is kept out is not for others to know
        raise ActionRefusedError(_("the municipality cannot be reached from here; call it"))
    own = _ASKER.get(user.role)
    by = own or HelpRequest.Asker(asked.asked_by or HelpRequest.Asker.OTHER)
    channel = HelpRequest.Channel.FORM if own else HelpRequest.Channel.PHONE
    if asked.letter is not None:
        channel = HelpRequest.Channel.MESSAGE
    key = new_id()
    given = {"request": key, "asked_by": by.value, "channel": channel.value}
    said = {"text": text, "name": asked.name.strip()[:200], "phone": asked.phone.strip()[:40]}
    with transaction.atomic():
        store.lock([citizen.key])
        if (twice := _just_asked(citizen, by, said, now)) is not None:
            return twice
        event = _tell(user, citizen.key, key, "help_requested", given, "ask-help", relation, now, new_id)
        made = HelpRequest.objects.create(
            key=key,
            citizen=citizen,
            organisation=town,
            asked_by=by,
            channel=channel,
            asker=user if own else None,
            asking=user.organisation if by in (HelpRequest.Asker.GP, HelpRequest.Asker.HOSPITAL) else None,
            letter=asked.letter,
            event=str(event.id),
            at=now,
            content=seal(**said),
        )
        _step(made, user, HelpStep.What.ASKED, now)
        others = sorters(town.key).exclude(pk=user.pk)
        tell(others, "help-asked", f"request {key}", citizen=citizen, subject=key, now=now)
    return made


def _just_asked(citizen: Citizen, by: str, said: Mapping[str, str], now: Instant) -> HelpRequest | None:
    """The same words of the same asker, minutes ago and not answered: somebody pressed the button twice."""
    lately = HelpRequest.objects.filter(citizen=citizen, asked_by=by, answered=None, at__gt=now - _TWICE)
    return next((one for one in lately if unseal(bytes(one.content)) == said), None)


def sorters(organisation: str) -> QuerySet[User]:
    """Who sorts, has and answers requests: coordinators and nurses of a municipality, by name."""
    roles = (User.Role.COORDINATOR, User.Role.NURSE)
    found = User.objects.filter(organisation=organisation, is_active=True, role__in=roles)
    return found.order_by("first_name", "last_name", "pk")


def sort(
    user: User,
    key: str,
    sorting: str,
    *,
    owner: User | None,
    now: Instant,
    new_id: NewId,
) -> HelpRequest:
    """Say how urgent it is and who has it; may be said anew until it is answered. The same again is nothing.

    Raises:
        ActionRefusedError: when it is answered already, the sorting is none, or the owner works elsewhere.
        PermissionDenied: when no relation allows it.
        HelpRequest.DoesNotExist: when there is none.
    """
    if sorting not in HelpRequest.Sorting.values:
        raise ActionRefusedError(f"{sorting!r} is no way to sort a request")
    with transaction.atomic():
        found = _open(user, key)
        _require_colleague(found, owner)
        relation = permit(user, found.citizen, "sort-request", now)
        if (found.sorting, found.owner) == (sorting, owner):
            return found
        given = {"request": key, "sorting": sorting}
        _tell(user, found.citizen_id, key, "help_sorted", given, "sort-request", relation, now, new_id)
        found.sorting, found.owner = sorting, owner
        found.save(update_fields=["sorting", "owner"])
        _step(found, user, HelpStep.What.SORTED, now, sorting=sorting, owner_name=_name(owner))
        _given(found, user, owner, now)
    return found


def take(user: User, key: str, owner: User, *, now: Instant) -> HelpRequest:
    """Let somebody of the municipality have it.

    Raises:
        ActionRefusedError: when it is answered already, or they work elsewhere.
        PermissionDenied: when no relation allows it.
        HelpRequest.DoesNotExist: when there is none.
    """
    with transaction.atomic():
        found = _open(user, key)
        _require_colleague(found, owner)
        rules.look(user, found.citizen, "sort-request", f"request {key}", now)
        if found.owner == owner:
            return found
        found.owner = owner
        found.save(update_fields=["owner"])
        _step(found, user, HelpStep.What.TAKEN, now, owner_name=_name(owner))
        _given(found, user, owner, now)
    return found


def answer(
    user: User, key: str, text: str, *, now: Instant, new_id: NewId, authority: str = ""
) -> HelpRequest:
    """Answer who asked; `authority` is who else can help, for what is another authority's.

    Raises:
        ActionRefusedError: when it is answered, not sorted yet, or nothing is said.
        PermissionDenied: when no relation allows it.
        HelpRequest.DoesNotExist: when there is none.
    """
    text, authority = text.strip()[:TEXT], authority.strip()[:200]
    if not text:
        raise ActionRefusedError("the answer is empty; write what happens now")
    with transaction.atomic():
        found = _open(user, key)
        if not found.sorting:
            raise ActionRefusedError(_("sort the request before it is answered"))
        if found.sorting == HelpRequest.Sorting.OTHER and not authority:
            raise ActionRefusedError("say which authority can help")
        relation = permit(user, found.citizen, "sort-request", now)
        given = {"request": key, "sorting": found.sorting}
        _tell(user, found.citizen_id, key, "help_answered", given, "sort-request", relation, now, new_id)
        found.answered = now
        found.save(update_fields=["answered"])
        _step(found, user, HelpStep.What.ANSWERED, now, content=seal(text=text, authority=authority))
        if found.asker is not None:
            tell([found.asker], "help-answered", f"answer {key}", citizen=found.citizen, subject=key, now=now)
    return found


def _given(found: HelpRequest, user: User, owner: User | None, now: Instant) -> None:
    """Tell who has it now, unless they took it themselves."""
    if owner is not None and owner.pk != user.pk:
        thing = f"request {found.key} {found.steps.count()}"
        tell([owner], "help-given", thing, citizen=found.citizen, subject=found.key, now=now)


def _open(user: User, key: str) -> HelpRequest:
    """The request, locked until the commit.

    Raises:
        ActionRefusedError: when it is answered already.
        PermissionDenied: when another municipality was asked.
        HelpRequest.DoesNotExist: when there is none.
    """
    found = HelpRequest.objects.select_for_update(of=("self",)).select_related("citizen").get(pk=key)
    if found.organisation_id != user.organisation_id:
        raise PermissionDenied("another municipality was asked")
    if found.answered is not None:
        raise ActionRefusedError(_("it is answered already"))
    return found


def _require_colleague(found: HelpRequest, owner: User | None) -> None:
    if owner is not None and (owner.organisation_id != found.organisation_id or not owner.is_active):
        raise ActionRefusedError("who has it must work in the municipality that is asked")


def _name(user: User | None) -> str:
    return user.name if user is not None else ""


def _step(found: HelpRequest, user: User, what: str, now: Instant, **more: Any) -> None:
    HelpStep.objects.create(
        request=found,
        number=found.steps.count() + 1,
        at=now,
        what=what,
        by=user.get_username(),
        by_name=_name(user),
        **more,
    )


def _tell(
    user: User,
    citizen: str,
    key: str,
    kind: str,
    given: Mapping[str, Any],
    action: str,
    relation: str,
    now: Instant,
    new_id: NewId,
) -> Event:
    """Append the event, in a pathway of the request's own, and leave the trace."""
    (event,) = actions.say(
        user, citizen, [(kind, given)], lambda _state, _kind: f"{citizen}{HELP}{key}",
        action=action, subject=f"request {key}", relation=relation, now=now, new_id=new_id,
    )  # fmt: skip
    return event
