"""What people do on the way home: the municipality answers, both agree on when, an answer is taken back.

What is said goes to the other party by message where the two have a standard in common; what is recorded is
an event either way.
"""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from naer.events.event import Event
from naer.events.instant import DAY, ZONES, Instant, local, text
from naer.events.kinds import KINDS
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import can_receive, composing, correspondence, drafts, telling, thread_marks
from naer.site.messaging.conversation_words import CARE, NOTE
from naer.site.messaging.correspondence import (
    CARRIED,
    NoCommonStandardError,
    organisation_of,
    signed,
    standard_for,
)
from naer.site.messaging.drafts import Sending, Written
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from naer.site.pathways import actions, repeats, stage, store
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.models import Citizen

AGREED = "discharge_agreed"
_FARTHEST = 366 * DAY
_PLACES = {
    "DK": {
        "home": "eget hjem", "temporary": "midlertidig plads", "nursing-home": "plejehjem",
        "acute-place": "akutplads", "hospice": "hospice", "other": "et andet sted",
    },
    "NO": {
        "home": "eget hjem", "temporary": "midlertidig plass", "nursing-home": "sykehjem",
        "acute-place": "akuttplass", "hospice": "hospice", "other": "et annet sted",
    },
}  # fmt: skip
"""Where to, in the language of the country that the message is of."""
PLACES = tuple(_PLACES["DK"])
_WORDS = {
    "DK": "Udskrivning er aftalt til {at:%d.%m.%Y} kl. {at:%H:%M}, til {place}.",
    "NO": "Utskriving er avtalt til {at:%d.%m.%Y} kl. {at:%H:%M}, til {place}.",
}
_TOPICS = {"DK": "Aftalt udskrivning", "NO": "Avtalt utskriving"}


@dataclass(frozen=True, slots=True)
class Agreed:
    """When a citizen leaves (microseconds), and where to (one of `PLACES`)."""

    leaves: Instant
    place: str


@transaction.atomic
def receive_now(user: User, citizen: Citizen, phone: str, *, now: Instant, new_id: NewId) -> StoredLetter:
    """The municipality says with one click that it can receive a citizen who is ready.

    Raises:
        ActionRefusedError: when nobody asks it, or there is no hospital to answer.
        PermissionDenied: when it is not the user's to say.
        UnwritableError: when the standard cannot carry it, as a Danish message without a telephone number.
    """
    rules.require(user, citizen, "answer-ready", now)
    citizen = _locked(citizen)
    if citizen.stage not in (stage.READY, stage.CANNOT):
        raise ActionRefusedError("nobody waits for this answer")
    hospital, care = citizen.stage_hospital, _care(user, citizen.stage_hospital)
    words = can_receive.wording(can=True, since=None, more="", care=care)
    return can_receive.answer_ready(
        user, citizen, hospital, True, None, Written(text=words, phone=phone),
        pathway="", now=now, new_id=new_id,
    )  # fmt: skip


@transaction.atomic
def agree(
    user: User,
    citizen: Citizen,
    agreed: Agreed,
    written: Written,
    *,
    pathway: str,
    now: Instant,
    new_id: NewId,
) -> StoredLetter | Event | None:
    """Hospital and municipality agreed when and where to the citizen leaves; the other party is told so.

    Where the two have no standard in common it is recorded only, and nothing is sent. None: the same was said
    moments ago.

    Raises:
        ActionRefusedError: when the citizen is not in hospital, or the time or place is none.
        PermissionDenied: when no care relation allows it, or the organisation is neither party.
        UnwritableError: when the standard cannot carry what was written.
    """
    relation = rules.require(user, citizen, "agree-discharge", now)
    own = user.organisation
    if own is None or own.role not in KINDS[AGREED].senders:
        raise PermissionDenied("hospital and municipality agree on the discharge")
    citizen = _locked(citizen)
    if citizen.stage not in stage.IN_HOSPITAL:
        raise ActionRefusedError("the citizen is not in hospital")
    if agreed.place not in PLACES or abs(agreed.leaves - now) > _FARTHEST:
        raise ActionRefusedError("say when the citizen leaves, and where to")
    said, more = {"leaves_at": text(agreed.leaves), "leaves_to": agreed.place}, written.text.strip()
    # With words of its own it may say something else: `correspondence.send` looks at the whole letter.
    if not more and repeats.just_said(user, citizen.key, "", AGREED, None, said, now, carried=CARRIED):
        return None
    receiver = other_party(user, citizen)
    try:
        sending = (
            Sending(composing.party(own.key), composing.party(receiver), now, new_id) if receiver else None
        )
        standard = standard_for(sending.sender, sending.receiver) if sending is not None else ""
    except NoCommonStandardError:
        sending = None
    if sending is None or receiver is None:
        return actions.record_event(user, citizen.key, pathway, AGREED, now, said, now=now, new_id=new_id)
    care = standard == CARE
    country = "DK" if care else "NO"
    words = _WORDS[country].format(
        at=local(agreed.leaves, ZONES[country]), place=_PLACES[country][agreed.place]
    )
    whole = Written(text=f"{words}\n\n{more}" if more else words, phone=written.phone)
    letter = drafts.begin(
        signed(user, whole, care=care),
        sending,
        composing.person(citizen),
        standard=standard,
        category="discharge" if care else NOTE,
        topic=_TOPICS[country] if not care else "",
        episode=telling.episode_of(citizen.key, pathway) if care else None,
    )
    return correspondence.send(
        user, citizen, letter, receiver, relation, pathway, now=now, new_id=new_id, kind=AGREED, said=said
    )


def take_back(user: User, citizen: Citizen, event: str, *, now: Instant, new_id: NewId) -> bool:
    """Take back an answer (event id) of one's own whose message has not left; False when it has.

    Raises:
        PermissionDenied: when the conversation is not the user's.
    """
    letter = StoredLetter.objects.filter(
        citizen=citizen, message_id=event, sender=organisation_of(user), outgoing__isnull=False
    ).first()
    return letter is not None and thread_marks.take_back(user, letter, now=now, new_id=new_id)


def waiting(user: User, events: list[str]) -> set[str]:
    """Those of some events whose message of the user's organisation has not left yet: one query."""
    mine = OutgoingMessage.objects.filter(
        event__in=events, sender=organisation_of(user), state=OutgoingMessage.State.WAITING, attempts=0
    )
    return set(mine.values_list("event", flat=True))


def other_party(user: User, citizen: Citizen) -> str | None:
    """Key of whom the user's organisation agrees with: the hospital of the stay, or the municipality."""
    own = user.organisation
    if own is None:
        return None
    if own.role == Organisation.Role.MUNICIPALITY:
        return citizen.stage_hospital or None
    homes = Organisation.objects.filter(
        role=Organisation.Role.MUNICIPALITY, municipality=citizen.municipality
    )
    return homes.values_list("pk", flat=True).first()


def writes_care(user: User, citizen: Citizen) -> bool | None:
    """Whether what is told goes as a CareCommunication; None when the two have no standard in common."""
    receiver = other_party(user, citizen)
    if receiver is None:
        return None
    try:
        return _care(user, receiver)
    except NoCommonStandardError:
        return None


def _locked(citizen: Citizen) -> Citizen:
    """The citizen as they stand now that nobody else changes them: two clicks at once are one answer."""
    store.lock([citizen.key])
    return Citizen.objects.get(pk=citizen.key)


def _care(user: User, receiver: str) -> bool:
    own, other = composing.party(organisation_of(user)), composing.party(receiver)
    return standard_for(own, other) == CARE
