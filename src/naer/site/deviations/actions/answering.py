"""The parties answer a deviation, agree on what is learnt and done, and close it, each on its side."""

from dataclasses import dataclass

from naer.events.instant import Instant
from naer.site.access import deviations as access
from naer.site.accounts.models import User
from naer.site.deviations import classes, sealed
from naer.site.deviations.actions.common import act, needed, only, say, tell_log
from naer.site.deviations.models import RUNNING, Deviation
from naer.site.pathways.actions import ActionRefusedError, NewId

State, Turn = Deviation.State, Deviation.Turn


@dataclass(frozen=True, slots=True)
class Measure:
    """What is learnt and done. It is shown without names to others, once both have agreed to it."""

    learning: str
    measure: str
    cause: str
    by: Instant | None = None
    """When the measure is to stand."""


def own(user: User, key: str, *, now: Instant) -> Deviation:
    """Follow it up for one's own organisation; another who did is relieved."""

    def do(found: Deviation) -> None:
        only(found, *RUNNING)
        mine, _ = access.sides(user, found)
        setattr(found, f"{mine}_owner", user.username)
        say(found, user, "own", {}, now)

    return act(user, key, "answer-deviation", do, now)


def answer(user: User, key: str, text: str, cause: str, *, now: Instant, new_id: NewId) -> Deviation:
    """The other party says how it sees it, and why it happened. A later answer stands beside the first."""

    def do(found: Deviation) -> None:
        only(found, State.OPEN, State.ANSWERED)
        if access.is_raiser(user, found):
            raise ActionRefusedError("the other party answers")
        if cause not in classes.CAUSES:
            raise ActionRefusedError("there is no such class")
        first = found.answered is None
        found.state, found.turn = State.ANSWERED, Turn.BOTH
        found.answered = found.answered or now
        found.counterpart_owner = found.counterpart_owner or user.username
        say(found, user, "answer", {"text": needed(text), "cause": cause}, now)
        if first:
            tell_log(found, user, "deviation_answered", now, new_id)

    return act(user, key, "answer-deviation", do, now)


def note(user: User, key: str, text: str, *, now: Instant) -> Deviation:
    """Write something to the other party about it."""

    def do(found: Deviation) -> None:
        only(found, *RUNNING)
        say(found, user, "note", {"text": needed(text)}, now)

    return act(user, key, "answer-deviation", do, now)


def suggest(user: User, key: str, measure: Measure, *, now: Instant) -> Deviation:
    """Suggest what is learnt and done; the other party agrees to it, or suggests something else."""

    def do(found: Deviation) -> None:
        only(found, State.ANSWERED)
        if measure.cause not in classes.CAUSES:
            raise ActionRefusedError("there is no such class")
        content = {
            "learning": needed(measure.learning),
            "measure": needed(measure.measure),
            "cause": measure.cause,
            "by": measure.by,
        }
        found.turn = Turn.COUNTERPART if access.is_raiser(user, found) else Turn.RAISER
        say(found, user, "suggest", content, now)

    return act(user, key, "answer-deviation", do, now)


def accept(user: User, key: str, suggestion: int, *, now: Instant, new_id: NewId) -> Deviation:
    """Agree to the other party's latest suggestion, as it is written.

    Raises:
        ActionRefusedError: when it is one's own, or no longer the latest.
    """

    def do(found: Deviation) -> None:
        only(found, State.ANSWERED)
        latest = found.said.filter(act="suggest").order_by("-pk").first()
        if latest is None or latest.pk != suggestion or latest.organisation_id == user.organisation_id:
            raise ActionRefusedError("that is not the other party's latest suggestion")
        said = sealed.read(bytes(latest.content))
        found.state, found.turn, found.agreed = State.AGREED, Turn.BOTH, now
        found.cause, found.measure_by = said["cause"], said["by"]
        say(found, user, "accept", {"suggestion": latest.pk}, now)
        tell_log(found, user, "deviation_agreed", now, new_id)

    return act(user, key, "answer-deviation", do, now)


def close(user: User, key: str, effect: str, *, now: Instant, new_id: NewId) -> Deviation:
    """Close it on one's own side, with what came of the measure; it is closed when both have."""

    def do(found: Deviation) -> None:
        only(found, State.AGREED)
        mine, other = access.sides(user, found)
        if getattr(found, f"{mine}_closed") is not None:
            raise ActionRefusedError("it is closed on this side already")
        setattr(found, f"{mine}_closed", now)
        say(found, user, "close", {"text": needed(effect)}, now)
        if getattr(found, f"{other}_closed") is None:
            found.turn = Turn(other)
            return
        found.state, found.turn, found.closed = State.CLOSED, Turn.NOBODY, now
        tell_log(found, user, "deviation_closed", now, new_id)

    return act(user, key, "close-deviation", do, now)


def told_authority(user: User, key: str, at: Instant, text: str, *, now: Instant) -> Deviation:
    """Write down that the authority was told of a serious one: Naer reminds, and reports nothing itself."""

    def do(found: Deviation) -> None:
        if found.severity != classes.SERIOUS or found.state in (State.PROPOSED, State.DISMISSED):
            raise ActionRefusedError("only a serious one is told to an authority")
        if at > now:
            raise ActionRefusedError("this lies in the future")
        found.authority_told = at if found.authority_told is None else min(found.authority_told, at)
        say(found, user, "tell", {"text": text.strip(), "at": at}, now)

    return act(user, key, "answer-deviation", do, now)
