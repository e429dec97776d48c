"""What the pages of the way home show: rows, moments and conditions with their words."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from naer.events.event import Event
from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.discharge import actions, words
from naer.site.discharge import moments as stay_moments
from naer.site.discharge.queries import Row
from naer.site.discharge.suppose import Asked
from naer.site.messaging.can_receive import may_say
from naer.site.pathways import live, stage, store
from naer.site.pathways.courses import courses
from naer.site.pathways.models import Citizen
from naer.site.pathways.names import Party, named
from naer.site.pathways.said import said
from naer.site.ui.state import State
from naer.site.ui.times import full_day, span, when

_ROLES = Organisation.Role
_BUTTONS: dict[tuple[str, str], str] = {
    (_ROLES.MUNICIPALITY, stage.READY): "answer-ready",
    (_ROLES.MUNICIPALITY, stage.CANNOT): "answer-ready",
    (_ROLES.HOSPITAL, stage.CANNOT): "record",
    (_ROLES.HOSPITAL, stage.CAN): "agree-discharge",
    (_ROLES.MUNICIPALITY, stage.CAN): "agree-discharge",
    (_ROLES.MUNICIPALITY, stage.HOME): "record",
    (_ROLES.GP, stage.HOME): "record",
}
"""(role of the organisation, stage) → the action that what comes next is."""
_NEXT: dict[tuple[str, bool], frozenset[str]] = {
    (stage.READY, False): frozenset({"receive", "say"}),
    (stage.CANNOT, False): frozenset({"receive", "say"}),
    (stage.CANNOT, True): frozenset({"acute"}),
    (stage.CAN, False): frozenset({"agree"}),
    (stage.CAN, True): frozenset({"agree"}),
    (stage.HOME, False): frozenset({"visit"}),
}
"""(stage, whether a hospital asks) → the buttons of a row."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the table in words."""

    citizen: Citizen
    stage: str
    waited: str
    plan: Instant | None
    other: Party | None
    """The hospital for a municipality, the municipality for a hospital."""
    fee: State | None
    take_back: str
    """Id of what the reader's organisation answered or agreed, and has not left yet."""
    can: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A moment in words: when, who said it, what else it says."""

    name: str
    event: Event | None
    who: str
    said: list[str]
    number: int = 0
    """The pathway's number on the citizen's page."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A condition of the day fee in words: whether it holds, and what shows it."""

    words: str
    state: State
    event: Event | None


@dataclass(frozen=True, slots=True)
class Fee:
    """The day-fee clock in words."""

    words: str
    state: State
    facts: list[Fact]
    source: str
    norway: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """A clause about leaving, in words."""

    asked: Asked
    state: State
    owed_by: Party = field(default_factory=lambda: Party("", "", ""))
    owed_to: Party = field(default_factory=lambda: Party("", "", ""))


def is_town(user: User) -> bool:
    """Whether the reader works in a municipality, or a practice: for them the hospital is the other party."""
    return user.organisation is not None and user.organisation.role != Organisation.Role.HOSPITAL


def tabs(counted: dict[str, int], group: str, hospital: str) -> list[dict[str, object]]:
    """The tabs of the table, the one shown marked."""
    more = f"&hospital={hospital}" if hospital else ""
    return [
        {
            "words": str(said_),
            "count": counted[name],
            "here": name == group,
            "address": f"?show={name}{more}",
        }
        for name, said_ in words.GROUPS.items()
    ]


def rows(user: User, found: Sequence[Row], now: Instant) -> list[Shown]:
    """The rows of a page in words; what the reader can do is asked of the rules once for all of them."""
    told = [id_ for row in found for id_ in _told(row)]
    mine = actions.waiting(user, told) if told else set()
    may = _may(user, [row.citizen for row in found], now)
    return [_row(user, row, mine, may[row.citizen.key], now) for row in found]


def _row(user: User, row: Row, mine: set[str], may: frozenset[str], now: Instant) -> Shown:
    citizen = row.citizen
    other = row.hospital if is_town(user) else row.town
    return Shown(
        citizen=citizen,
        stage=words.stage(citizen.stage),
        waited=span(now - citizen.stage_since) if citizen.stage_since is not None else "",
        plan=citizen.stage_plan,
        other=Party(other.key, other.role, other.name) if other is not None else None,
        fee=_fee_state(row),
        take_back=next((id_ for id_ in _told(row) if id_ in mine), ""),
        can=_buttons(user, citizen, may),
    )


def _told(row: Row) -> list[str]:
    """Ids of what was answered and agreed, the newest first: what somebody may want to take back."""
    told = [row.way.moment(name).event for name in ("answered", "agreed")] if row.way is not None else []
    return [str(one.id) for one in sorted(filter(None, told), key=lambda one: one.order, reverse=True)]


def _may(
    user: User, citizens: Sequence[Citizen], now: Instant, also: Sequence[str] = ()
) -> dict[str, frozenset[str]]:
    """Citizen → which actions the rules allow: one query for each that a button on the page stands for."""
    role = user.organisation.role if user.organisation is not None else ""
    stages = {one.stage for one in citizens}
    wanted = {action for (who, stands), action in _BUTTONS.items() if who == role and stands in stages}
    keys = [one.key for one in citizens]
    found: dict[str, set[str]] = {key: set() for key in keys}
    for action in sorted({*wanted, *also}):
        for key in rules.visible_citizens(user, now, action).filter(pk__in=keys).values_list("pk", flat=True):
            found[key].add(action)
    return {key: frozenset(actions_) for key, actions_ in found.items()}


def _buttons(user: User, citizen: Citizen, may: frozenset[str]) -> frozenset[str]:
    """What can be done next about a citizen of the table."""
    role = user.organisation.role if user.organisation is not None else ""
    if _BUTTONS.get((role, citizen.stage), "") not in may:
        return frozenset()
    return _NEXT[citizen.stage, role == _ROLES.HOSPITAL]


def can(user: User, citizen: Citizen, now: Instant) -> frozenset[str]:
    """What the reader can do on the page of one stay, whatever comes next."""
    may = _may(user, [citizen], now, ("answer-ready", "look-medicines", "record"))[citizen.key]
    found = set(_buttons(user, citizen, may))
    if may_agree(user, citizen, now):
        found.add("agree")
    if "answer-ready" in may and may_say(user, citizen, now):
        found.add("say")
    if "look-medicines" in may:
        found.add("medicines")
    role = user.organisation.role if user.organisation is not None else ""
    in_hospital = citizen.stage in stage.IN_HOSPITAL
    if "record" in may and in_hospital and role in (Organisation.Role.HOSPITAL, Organisation.Role.GP):
        found.add("acute")
    return frozenset(found)


def may_agree(user: User, citizen: Citizen, now: Instant) -> bool:
    """Whether the reader can agree on the discharge: a party of it, and the citizen still in hospital."""
    role = user.organisation.role if user.organisation is not None else ""
    return (
        role in (Organisation.Role.HOSPITAL, Organisation.Role.MUNICIPALITY)
        and citizen.stage in stage.IN_HOSPITAL
        and bool(rules.relation(user, citizen, now, "agree-discharge"))
    )


def pathway(citizen: Citizen, now: Instant) -> str:
    """The pathway in which something about the stay is recorded now."""
    events = live.log(store.logs([citizen.key])[citizen.key], now).events
    found = stay_moments.way(events)
    return found.pathway if found is not None else ""


def moments(row: Row, now: Instant) -> list[Line]:
    """The moments of a stay in words, those that nothing shows too."""
    if row.way is None:
        return []
    numbers = {id_: number for number, id_ in enumerate(courses(row.citizen.key, now))}
    keys = {one.event.organisation or "" for one in row.way.moments if one.event is not None}
    names = {one.key: one.name for one in Organisation.objects.filter(pk__in=keys)}
    found = []
    for one in row.way.moments:
        event = one.event
        found.append(
            Line(
                name=words.moment(one.name),
                event=event,
                who=names.get(event.organisation or "", "") if event is not None else "",
                said=said(event, now) if event is not None else [],
                number=numbers.get(event.pathway, 0) if event is not None else 0,
            )
        )
    return found


def clock(row: Row, now: Instant) -> Fee | None:
    """The day-fee clock in words."""
    found = row.clock
    if found is None:
        return None
    country = row.country
    facts = [
        Fact(words.condition(country, one.name), _holds(one.holds, one.name), one.event)
        for one in found.conditions
    ]
    state = _fee_state(row) or State("released", _("Not running"))
    return Fee(_fee_words(row, now), state, facts, words.SOURCES[country], country == "NO")


def _fee_words(row: Row, now: Instant) -> str:
    found = row.clock
    assert found is not None
    if found.since is None:
        return _("No day counts.")
    counted = ngettext("%(days)d day since %(day)s.", "%(days)d days since %(day)s.", found.days) % {
        "days": found.days,
        "day": full_day(found.since),
    }
    ready = row.way.ready if row.way is not None else None
    if found.runs and ready is not None:
        told = _("Told that the citizen is ready: %(at)s.") % {"at": when(ready.at, now)}
        return f"{counted} {told}"
    return counted


def _fee_state(row: Row) -> State | None:
    found = row.clock
    if found is None or (found.days == 0 and not found.runs):
        return None
    if found.days == 0:
        return State("soon", _("Day fee from tonight"))
    number = ngettext("Day fee, %(days)d day", "Day fee, %(days)d days", found.days) % {"days": found.days}
    return State("over" if found.runs else "released", number)


def _holds(holds: bool | None, name: str) -> State:
    if holds is None:
        return State("open", _("Nothing here shows it"))
    if holds:
        return State("kept", _("Yes"))
    return State("released", _("No longer") if name in ("present", "unanswered") else _("No"))


def asked(found: Sequence[Asked]) -> list[Ask]:
    """What the agreements ask before the citizen leaves, in words."""
    parties = named(pair for one in found for pair in ((one.owed_by, ""), (one.owed_to, "")))
    return [
        Ask(
            one,
            State("kept", _("Done")) if one.done else State("over", _("Not done yet")),
            parties[one.owed_by, ""],
            parties[one.owed_to, ""],
        )
        for one in found
    ]
