"""What a hospital has told of a stay by HospitalNotification, and what it can tell next.

For a hospital that sends from Naer: nothing is kept beside the log, so that a stay begun by a system of the
hospital's own can be gone on with here.
"""

from collections.abc import Callable, Iterable

import msgspec

from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import effective
from naer.messages.content import Party, Person
from naer.messages.envelope import Format
from naer.messages.medcom import hospitalnotification
from naer.messages.medcom.codes import family
from naer.messages.medcom.events import SOURCE
from naer.messages.medcom.hospitalnotification import Link
from naer.messages.medcom.link import link
from naer.messages.medcom.notification import episode_as_sent
from naer.messages.medcom.status import status, stays

STARTS = ("STAA", "STIN")
_NEXT = {
    "none": STARTS,
    "acute-ambulant": ("STIN", "SLHJ", "MORS"),
    "admitted": ("STOR", "SLHJ", "STAA", "MORS"),
    "on-leave": ("SLOR", "SLHJ", "MORS"),
    "discharged": (),
    "deceased": (),
}
"""Status → what may follow. After a discharge the next start is a stay, and an episode, of its own."""


_CLASS = {"acute-ambulant": "EMER", "admitted": "IMP", "on-leave": "IMP"}
"""Status → the class of the contact; after its end, that of the message that ended it."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One stay as its hospital has told it.

    `episode` is the id as it was sent, system and `|` before it. `newest` is the code of its latest
    notification that still stands, "" when none does: only that one is corrected or cancelled (MedCom use
    cases). `at` is when that happened.
    """

    episode: str = ""
    chain: tuple[Link, ...] = ()
    status: str = "none"
    start: Instant | None = None
    leave: Instant | None = None
    newest: str = ""
    at: Instant | None = None
    encounter_class: str = ""

    @property
    def possible(self) -> tuple[str, ...]:
        """The codes that can be told next: what may follow, then the correction and the cancellation."""
        base = family(self.newest)
        return _NEXT[self.status] + ((f"RE_{base}", f"AN_{base}") if base else ())


def told(events: Iterable[Event], hospital: str, pathway: str, now: Instant) -> Told:
    """What `hospital` has told of the stay on `pathway`, from one citizen's raw events."""
    linked = link(events)
    course = [one for one in linked if one.source == SOURCE and one.pathway == pathway]
    ours = sorted((one for one in course if one.organisation == hospital), key=_sent)
    if not ours:
        return Told()
    standing = [one for one in effective(linked, now).events if one.source == SOURCE]
    standing = [one for one in standing if one.pathway == pathway]
    last = ours[-1]
    where, _ = status(standing)
    stay = next(iter(stays(standing)[-1:]), None)
    code = _text(last, "code")
    leave = stay.leaves[-1][0] if stay and stay.leaves and where == "on-leave" else None
    return Told(
        episode=_text(last, "episode_sent") or _text(last, "episode"),
        chain=tuple(_link(one) for one in ours),
        status=where,
        start=_start(last) if stay is None or stay.start is None else stay.start,
        leave=leave if leave is not None else _last_leave(course),
        newest="" if code.startswith("AN_") else code,
        at=last.at,
        encounter_class=_CLASS.get(where) or _text(last, "class"),
    )


def write(
    code: str,
    at: Instant,
    *,
    before: Told,
    person: Person,
    sender: Party,
    receiver: Party,
    now: Instant,
    new_id: Callable[[], str],
    report_requested: bool | None = None,
    report_recipient: Party | None = None,
    format: Format = "json",
) -> tuple[str, bytes]:
    """(header id, bytes) of the notification that comes next in a stay: `code` happened at `at`.

    A cancellation says when what it cancels was, whatever `at` is. `report_recipient` shall have the report
    that is asked for, when another than the sender.

    Raises:
        ValueError: when `code` cannot follow what was told.
    """
    if code not in before.possible:
        raise ValueError(f"{code} cannot follow: {', '.join(before.possible) or 'nothing'}")
    header, base = new_id(), family(code)
    moment = before.at if code.startswith("AN_") and before.at is not None else at
    begins = base in STARTS
    leaves = base in ("STOR", "SLOR")
    ends = base in ("SLHJ", "MORS") and code not in ("AN_SLHJ", "AN_MORS")
    came_back = before.leave if code == "AN_MORS" else None
    data = hospitalnotification.write(
        code,
        person=person,
        sender=sender,
        receiver=receiver,
        episodes=[_named(before.episode) or new_id()],
        header=header,
        sent=now,
        start=moment if begins or before.start is None else before.start,
        end=moment if ends else None,
        leave_start=moment if base == "STOR" else before.leave if leaves else came_back,
        leave_end=moment if base == "SLOR" and not code.startswith("AN_") else None,
        chain=before.chain,
        encounter_class="" if begins else before.encounter_class,
        report_requested=report_requested if begins and code == base else None,
        report_recipient=report_recipient if begins and code == base and report_requested else None,
        new_id=new_id,
        narrative=True,
        format=format,
    )
    return header, data


def _named(episode: str) -> str | tuple[str, str]:
    """The id of the stay's episode, with its system when that is known."""
    found = episode_as_sent(episode)
    return (found.system, found.original) if found.system else found.original


def _sent(event: Event) -> tuple[Instant, Instant, str]:
    """In the order they were told: a message says its time to the second, two may be told in one."""
    return (event.sent_or_at, event.received or 0, str(event.id))


def _link(event: Event) -> Link:
    previous = _text(event, "previous")
    role = ("removal" if _text(event, "code").startswith("AN_") else "revision") if previous else ""
    return Link(_text(event, "header"), _text(event, "activity"), event.sent_or_at, previous, role)


def _start(event: Event) -> Instant | None:
    found = event.attributes.get("stay_start")
    return found if isinstance(found, int) else None


def _last_leave(course: list[Event]) -> Instant | None:
    """When the latest leave began, for the notification of its end."""
    return max((one.at for one in course if _text(one, "code") in ("STOR", "RE_STOR")), default=None)


def _text(event: Event, name: str) -> str:
    return str(event.attributes.get(name, ""))
