"""For every role, one citizen for each relation to its user, and for each way in which a relation ends."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from naer.events.chain import ORIGIN
from naer.events.instant import DAY, HOUR, Instant
from naer.site.access.models import Block, Emergency, Grant
from naer.site.access.table import GRANTED, RELATIONS, WORKS_AT
from naer.site.accounts.models import Organisation, User
from naer.site.entry.models import HelpRequest
from naer.site.pathways.models import Case, Citizen, LoggedEvent
from naer.site.plans.models import Coordinator, Participant, Plan

ENDED = {
    "case": ("closed", "not-yet", "no-basis", "elsewhere"),
    "stay": ("long-ago", "taken-back", "elsewhere"),
    "gp": ("elsewhere",),
    "coordinator": ("ended", "not-started", "until", "other-organisation"),
    "plan": ("withdrawn", "elsewhere"),
    "asked": ("answered", "elsewhere"),
    "granted": ("ended", "over", "not-yet", "nothing", "not-taken", "somebody-else"),
    "emergency": ("over", "somebody-else", "other-organisation"),
    "self": ("somebody-else",),
}
"""Relation → the ways in which it does not hold (any more)."""


@dataclass
class World:
    """What was made: everything is put into the database at once."""

    now: Instant
    users: dict[tuple[str, str], User] = field(default_factory=dict)
    """(role, role of the organisation) → the user."""
    rows: dict[type[Model], list[Any]] = field(default_factory=dict)

    def add[Row: Model](self, row: Row) -> Row:
        self.rows.setdefault(type(row), []).append(row)
        return row


def build(now: Instant) -> World:
    """The world, in an empty database."""
    world = World(now)
    elsewhere = Organisation(key="elsewhere", name="Elsewhere", role="municipality", municipality="9999")
    stranger = User(username="stranger", role="coordinator", organisation=elsewhere)
    world.add(elsewhere)
    world.add(stranger)
    number = 0
    for role in User.Role.values:
        own = WORKS_AT.get(role)
        for kind in ("municipality", "hospital", "gp", "other", ""):
            number += 1
            _around(world, role, kind, f"{number:04d}", stranger, full=kind == own or (not own and not kind))
    made: list[type[Model]] = [Organisation, User, Citizen, Plan]
    for model in [*made, *(one for one in world.rows if one not in made)]:
        model._default_manager.bulk_create(world.rows[model])
    for user in world.users.values():
        user.citizen_id = f"{user.username} self"
        user.save(update_fields=["citizen"])
    return world


def _around(world: World, role: str, kind: str, code: str, stranger: User, *, full: bool) -> None:
    """One user, and the citizens around them, each with one relation."""
    place = Organisation(key=f"place-{code}", name=code, role=kind, municipality=code) if kind else None
    if place is not None:
        world.add(place)
    name = f"{role} {kind or 'nowhere'}"
    user = world.add(User(username=name, role=role, organisation=place))
    world.users[role, kind] = user
    for relation in RELATIONS:
        _relate(world, user, place, _citizen(world, f"{name} {relation}"), relation, "", stranger)
        if not full:
            continue
        _relate(
            world,
            user,
            place,
            kept_out := _citizen(world, f"{name} {relation} blocked"),
            relation,
            "",
            stranger,
        )
        if place is not None:
            world.add(Block(citizen=kept_out, organisation=place, since=world.now - DAY))
        lifted = _citizen(world, f"{name} {relation} lifted")
        _relate(world, user, place, lifted, relation, "", stranger)
        if place is not None:
            world.add(Block(citizen=lifted, organisation=place, since=0, lifted=world.now - DAY))
        for how in ENDED[relation]:
            citizen = _citizen(world, f"{name} {relation} {how}")
            _relate(world, user, place, citizen, relation, how, stranger)
    _citizen(world, f"{name} none")


def _citizen(world: World, key: str) -> Citizen:
    return world.add(Citizen(key=key, number_index=key, number_cipher=b"", municipality="9999", name=key))


def _relate(
    world: World,
    user: User,
    place: Organisation | None,
    citizen: Citizen,
    relation: str,
    how: str,
    stranger: User,
) -> None:
    """Put `citizen` into `relation` to `user`; with `how`, in a way that does not hold."""
    now, at = world.now, world.now - HOUR
    there = stranger.organisation if how in {"elsewhere", "other-organisation"} else place
    who = stranger if how == "somebody-else" else user
    if relation == "case" and there is not None:
        today = dt.datetime.fromtimestamp(now / 1e6, dt.UTC).date()
        day = dt.timedelta(days=3)
        world.add(
            Case(
                citizen=citizen,
                municipality=there.municipality,
                kind="meals-on-wheels" if how == "no-basis" else "home-nursing",
                opened=today + day if how == "not-yet" else today - 10 * day,
                closed=today - day if how == "closed" else None,
            )
        )
    elif relation == "stay" and there is not None:
        citizen.status, citizen.status_since = "admitted", at
        if how == "long-ago":
            at = now - 400 * DAY
            citizen.status, citizen.status_since = "discharged", at
        world.add(_told(citizen, there.key, at))
        if how == "taken-back":
            world.add(_told(citizen, there.key, at, changes=f"{citizen.key} 1"))
    elif relation == "gp":
        citizen.gp = there
    elif relation == "coordinator" and there is not None:
        world.add(
            Coordinator(
                citizen=citizen,
                user=who,
                organisation=there,
                offered=0,
                started=None if how == "not-started" else at,
                until=at if how == "until" else None,
                ended=at if how == "ended" else None,
            )
        )
    elif relation == "plan":
        plan = world.add(Plan(citizen=citizen, responsible=stranger.organisation, started=0))
        active = how != "withdrawn"
        if place is None:
            world.add(Participant(plan=plan, kind="relative", user=who, joined=0, active=active and not how))
        else:
            world.add(
                Participant(plan=plan, kind="organisation", organisation=there, joined=0, active=active)
            )
    elif relation == "asked" and there is not None:
        world.add(
            HelpRequest(
                key=citizen.key,
                citizen=citizen,
                organisation=there,
                at=0,
                answered=now - 400 * DAY if how == "answered" else None,
                content=b"",
            )
        )
    elif relation == "granted":
        world.add(
            Grant(
                citizen=citizen,
                relative=None if how == "not-taken" else who,
                what="  " if how == "nothing" else f" {' '.join(GRANTED)} ",
                since=now + HOUR if how == "not-yet" else at,
                until=now if how == "over" else now + HOUR,
                ended=at if how == "ended" else None,
            )
        )
    elif relation == "emergency" and there is not None:
        until = now if how == "over" else now + HOUR
        world.add(
            Emergency(citizen=citizen, user=who, organisation=there, at=at, until=until, reason=b"", note=b"")
        )


def _told(citizen: Citizen, organisation: str, at: Instant, changes: str | None = None) -> LoggedEvent:
    return LoggedEvent(
        id=f"{citizen.key} {2 if changes else 1}",
        pathway=f"{citizen.key} {2 if changes else 1}",
        citizen=citizen.key,
        kind="cancelled" if changes else "admitted",
        at=at,
        received=at,
        organisation=organisation,
        source="test",
        changes=changes,
        place=1,
        previous=ORIGIN,
        digest=ORIGIN,
    )
