"""Medicines at the handover: what stands of one stay, and what people do about it.

Nothing is overwritten: a list, a confirmation, a supply is added, and the newest holds. Each is by a named
person, each leaves its trace, and what counts for agreements is an event.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from django.db import transaction

from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.kinds import KINDS
from naer.site import vault
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.discharge.medicines import DECISIONS, Compared, Medicine, compare, plain
from naer.site.discharge.models import Confirmation, MedicineList, Supply
from naer.site.discharge.moments import way
from naer.site.messaging.models import StoredLetter
from naer.site.pathways import actions, live, store
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.models import Citizen

PURPOSE = "medicines"
LISTED, CONFIRMED, SUPPLIED = "medication_list", "medication_confirmed", "medicine_supplied"
MOST = 80
"""Medicines in a list."""
LONGEST = 200
"""Characters of one field."""
REASON = 500
"""Characters of a reason or note."""
UNCLEAR = "unclear"
Moment = MedicineList.Moment
_Told = list[tuple[str, dict[str, Any]]]
"""Kinds of event, each with its attributes."""


class _About(msgspec.Struct, frozen=True):
    """What a confirmation is about."""

    line: str
    reason: str


_medicines = msgspec.json.Decoder(list[Medicine])


class NewerListError(ActionRefusedError):
    """Somebody wrote a newer list, or it changed, since the page was read."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One version of a list, opened."""

    row: MedicineList
    medicines: tuple[Medicine, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A confirmation, opened."""

    row: Confirmation
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One medicine of the handover: both sides, and who said what about it, newest first."""

    id: str
    compared: Compared
    said: tuple[Said, ...]

    @property
    def newest(self) -> Said | None:
        return self.said[0] if self.said else None

    @property
    def confirmed(self) -> bool:
        """Whether a named person said what becomes of it."""
        return self.newest is not None and self.newest.row.decision != UNCLEAR


@dataclass(frozen=True, slots=True)
class Handover:
    """The medicines of one stay."""

    citizen: Citizen
    stay: str
    """The pathway that the stay began in; empty when none is known."""
    pathway: str
    """Where something about it is recorded now."""
    before: Listed | None
    after: Listed | None
    versions: tuple[MedicineList, ...]
    """Every version of both lists, newest first."""
    lines: tuple[Line, ...]
    supplies: tuple[tuple[Supply, str], ...]
    """Newest first, each with its note."""

    @property
    def open(self) -> int:
        """Lines that nobody has confirmed."""
        return sum(not one.confirmed for one in self.lines)

    @property
    def done(self) -> bool:
        """Whether every line of a list from the hospital on is confirmed."""
        return self.after is not None and self.open == 0

    def version(self, moment: str) -> int:
        """The newest version of a list; 0 when there is none."""
        held = self.before if moment == Moment.BEFORE else self.after
        return held.row.version if held is not None else 0


def handover(citizen: Citizen, now: Instant) -> Handover:
    """The medicines of the citizen's last stay; the caller has checked access. Five queries."""
    events = live.log(store.logs([citizen.key])[citizen.key], now).events
    found = way(events)
    stay = found.stay.pathway if found is not None else ""
    lists = MedicineList.objects.filter(citizen=citizen, stay=stay).select_related("organisation", "letter")
    versions = list(lists.order_by("-at", "-version", "-pk"))
    before, after = (_newest(versions, moment) for moment in (Moment.BEFORE, Moment.AFTER))
    confirmations = Confirmation.objects.filter(citizen=citizen, stay=stay).select_related("organisation")
    said: dict[str, list[Said]] = {}
    for row in confirmations.order_by("-at", "-pk"):
        given = msgspec.json.decode(_text(row.content), type=_About)
        said.setdefault(given.line, []).append(Said(row, given.reason))
    compared = compare(before.medicines if before else (), after.medicines if after else ())
    supplies = Supply.objects.filter(citizen=citizen, stay=stay).select_related("organisation")
    return Handover(
        citizen=citizen,
        stay=stay,
        pathway=found.pathway if found is not None else "",
        before=before,
        after=after,
        versions=tuple(versions),
        lines=tuple(Line(id_, one, tuple(said.get(id_, ()))) for one in compared if (id_ := _id(one))),
        supplies=tuple((row, _text(row.note)) for row in supplies.order_by("-at", "-pk")),
    )


def write_list(
    user: User,
    citizen: Citizen,
    moment: str,
    medicines: Sequence[Medicine],
    *,
    after_version: int,
    told: bool = False,
    letter: StoredLetter | None = None,
    now: Instant,
    new_id: NewId,
) -> MedicineList:
    """Write a new version of the list before or after the stay; `after_version` is the one the writer saw.

    With `told` it is recorded that the list was sent, or the shared record brought up to date: who wrote it
    says so, nothing here can know.

    Raises:
        NewerListError: when somebody wrote another version meanwhile.
        ActionRefusedError: when there is no stay, or the list cannot be.
        PermissionDenied: when no care relation allows it.
    """
    if moment not in Moment.values:
        raise ActionRefusedError("a list is of before or of after the stay")
    if len(medicines) > MOST or not all(one.name.strip() and _short(one) for one in medicines):
        raise ActionRefusedError("every medicine has a name, and no list is that long")
    with transaction.atomic():
        relation = rules.require(user, citizen, "list-medicines", now)
        store.lock([citizen.key])
        held = handover(citizen, now)
        _require_stay(held)
        if held.version(moment) != after_version:
            raise NewerListError("somebody wrote a newer list meanwhile")
        row = MedicineList.objects.create(
            citizen=citizen,
            stay=held.stay,
            moment=moment,
            version=after_version + 1,
            letter=letter,
            content=vault.seal(PURPOSE, msgspec.json.encode(list(medicines))),
            **_who(user, now),
        )
        said: _Told = [(LISTED, {"channel": "manual"})] if told and _can_say(user, LISTED) else []
        _tell(user, held, "list-medicines", moment, relation, said, now=now, new_id=new_id)
        return row


def confirm(
    user: User,
    citizen: Citizen,
    line: str,
    decision: str,
    reason: str,
    *,
    now: Instant,
    new_id: NewId,
) -> Handover:
    """A named person says what becomes of one medicine; with the last open line all are confirmed.

    Raises:
        NewerListError: when the line stands in the lists no more as it was read.
        ActionRefusedError: when the decision is none, or an unclear line has no reason.
        PermissionDenied: when no care relation allows it.
    """
    if decision not in DECISIONS or len(reason) > REASON:
        raise ActionRefusedError(f"{decision!r} is nothing that becomes of a medicine")
    if decision in (UNCLEAR, "stopped", "changed") and not reason.strip():
        raise ActionRefusedError("say why")
    with transaction.atomic():
        relation = rules.require(user, citizen, "confirm-medicine", now)
        store.lock([citizen.key])
        held = handover(citizen, now)
        if line not in {one.id for one in held.lines}:
            raise NewerListError("the lists changed meanwhile")
        was_done = held.done
        Confirmation.objects.create(
            citizen=citizen,
            stay=held.stay,
            decision=decision,
            content=_sealed(msgspec.json.encode(_About(line, reason.strip())).decode()),
            **_who(user, now),
        )
        held = handover(citizen, now)
        done: _Told = [(CONFIRMED, {"medicines": len(held.lines)})] if held.done and not was_done else []
        _tell(user, held, "confirm-medicine", decision, relation, done, now=now, new_id=new_id)
        return held


def supply(
    user: User,
    citizen: Citizen,
    until: dt.date | None,
    doses_until: dt.date | None,
    note: str,
    *,
    now: Instant,
    new_id: NewId,
) -> Supply:
    """Say what was handed out for the first days, and until when there are multi-dose packs at home.

    Raises:
        ActionRefusedError: when there is no stay, or nothing is said.
        PermissionDenied: when no care relation allows it.
    """
    if (until is None and doses_until is None and not note.strip()) or len(note) > REASON:
        raise ActionRefusedError("say what was handed out")
    with transaction.atomic():
        relation = rules.require(user, citizen, "list-medicines", now)
        store.lock([citizen.key])
        held = handover(citizen, now)
        _require_stay(held)
        row = Supply.objects.create(
            citizen=citizen,
            stay=held.stay,
            until=until,
            doses_until=doses_until,
            note=_sealed(note),
            **_who(user, now),
        )
        said: _Told = []
        if until is not None and _can_say(user, SUPPLIED):
            said.append((SUPPLIED, {"supply_until": until.isoformat()}))
        _tell(user, held, "list-medicines", "supply", relation, said, now=now, new_id=new_id)
        return row


def _tell(
    user: User,
    held: Handover,
    action: str,
    subject: str,
    relation: str,
    said: _Told,
    *,
    now: Instant,
    new_id: NewId,
) -> list[Event]:
    """Append what was said as events, and leave the trace."""
    return actions.say(
        user, held.citizen.key, said, lambda _state, _kind: held.pathway,
        action=action, subject=subject, relation=relation, now=now, new_id=new_id,
    )  # fmt: skip


def _require_stay(held: Handover) -> None:
    if not held.stay:
        raise ActionRefusedError("no stay is known")


def _can_say(user: User, kind: str) -> bool:
    return user.organisation is not None and user.organisation.role in KINDS[kind].senders


def _who(user: User, now: Instant) -> dict[str, Any]:
    return {
        "at": now,
        "by": user.get_username(),
        "name": user.name[:200],
        "organisation_id": user.organisation_id or "",
    }


def _newest(versions: Sequence[MedicineList], moment: str) -> Listed | None:
    own = [row for row in versions if row.moment == moment]
    return opened(max(own, key=lambda row: row.version)) if own else None


def opened(row: MedicineList) -> Listed:
    """A version with its medicines."""
    return Listed(row, tuple(_medicines.decode(vault.unseal(PURPOSE, bytes(row.content)))))


def _id(one: Compared) -> str:
    """What a confirmation names: the line as it is written on both sides. Kept only sealed."""
    return sha256(msgspec.json.encode([_said(one.before), _said(one.after)])).hexdigest()


def _said(one: Medicine | None) -> list[str] | None:
    return [plain(str(text)) for text in msgspec.structs.astuple(one)] if one is not None else None


def _short(one: Medicine) -> bool:
    return all(len(text) <= LONGEST for text in msgspec.structs.astuple(one))


def _sealed(text: str) -> bytes:
    return vault.seal(PURPOSE, text.strip().encode())


def _text(sealed: "bytes | memoryview[int]") -> str:
    return vault.unseal(PURPOSE, bytes(sealed)).decode()
