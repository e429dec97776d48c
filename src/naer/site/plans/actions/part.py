"""Parts of a plan are written, changed, taken up again in an older wording, and removed.

Two people can write at once: whoever is second gets both changes together where they go together, else the
question which to keep. Nobody's text is lost, and nobody's is overwritten unseen.
"""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from naer.events.instant import Instant
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.actor import Actor, Process, organisation_of
from naer.site.pathways.repeats import TWICE
from naer.site.plans.actions.common import asked, is_citizen, name_of, plan_of, require_open, trace
from naer.site.plans.models import Part, PartVersion, Plan
from naer.site.plans.wording import Wording, cleaned, merge, seal, unseal

LONGEST = 8000
"""Characters in one field."""
STATES = {
    Part.Kind.GOAL: ("active", "reached", "dropped"),
    Part.Kind.ACTIVITY: ("planned", "running", "done", "stopped"),
}
SECTION_OF = {Part.Kind.GOAL: 1, Part.Kind.ACTIVITY: 5}
"""Goals belong to the first section, services and measures to the fifth."""


class ConflictError(ActionRefusedError):
    """Somebody else changed the same words meanwhile; nothing was written."""

    def __init__(self, part: Part, base: Wording, theirs: Wording, merged: Wording, fields: tuple[str, ...]):
        super().__init__("somebody else changed the same words meanwhile")
        self.part, self.base, self.theirs, self.merged, self.fields = part, base, theirs, merged, fields


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a change."""

    part: Part
    version: PartVersion


def add(
    actor: Actor,
    citizen_key: str,
    kind: str,
    section: int,
    wording: Wording,
    *,
    own: bool = False,
    now: Instant,
) -> Written:
    """Write a new part; with `own` only one's own organisation reads it.

    Raises:
        ActionRefusedError: when the section is written already, or the wording is none.
        PermissionDenied: when no relation allows it.
        Plan.DoesNotExist: when there is no plan.
    """
    if kind not in Part.Kind or not 1 <= section <= 10:
        raise ActionRefusedError(f"a plan has no {kind!r} in section {section}")
    of = Part.Kind(kind)
    section = SECTION_OF.get(of, section)
    wording = _checked(of, wording)
    organisation = organisation_of(actor)
    if own and (organisation is None or of != Part.Kind.SECTION):
        raise ActionRefusedError("only an organisation can keep a section to itself")
    with transaction.atomic():
        plan = plan_of(citizen_key)
        trace(actor, plan.citizen, _asked(actor, of), f"{kind} {section}", now)
        require_open(plan)
        if of != Part.Kind.SECTION and (twice := _just_added(plan, of, actor, wording, now)) is not None:
            return twice
        part = Part(plan=plan, kind=of, section=section, only_for_id=organisation if own else None)
        _show(part, wording)
        try:
            with transaction.atomic():
                part.save()
        except IntegrityError:
            raise ActionRefusedError(
                "somebody else wrote this section meanwhile: open it and add to it"
            ) from None
        return Written(part, _version(part, actor, PartVersion.Change.MADE, wording, now))


def _just_added(plan: Plan, kind: Part.Kind, actor: Actor, wording: Wording, now: Instant) -> Written | None:
    """The same goal or activity by the same writer moments ago: a button pressed twice."""
    lately = PartVersion.objects.filter(
        part__plan=plan, part__kind=kind, part__version=1, part__removed=False,
        number=1, by=name_of(actor)[0], at__gt=now - TWICE,
    ).select_related("part")  # fmt: skip
    return next((Written(one.part, one) for one in lately if unseal(bytes(one.content)) == wording), None)


def change(actor: Actor, part: int, seen: int, wording: Wording, *, now: Instant) -> Written | None:
    """Write a new version of a part; `seen` is the version that the writer had before their eyes.

    Nothing is written, and None given, when it says nothing new. What had been taken out of the plan is taken
    up again by whoever saw that it was out.

    Raises:
        ConflictError: when somebody else changed the same words since `seen`, or took the part out.
        ActionRefusedError: when the wording is none, or there was no such version.
        PermissionDenied: when no relation allows it.
        Part.DoesNotExist: when there is no such part, or it is another organisation's own.
    """
    with transaction.atomic():
        found = _part(actor, part, now)
        mine = _checked(Part.Kind(found.kind), wording)
        theirs = wording_of(found)
        if found.removed and seen != found.version:
            raise ConflictError(found, theirs, theirs, mine, ())
        was_out, found.removed = found.removed, False
        how = PartVersion.Change.CHANGED
        if seen != found.version:
            base = wording_of(found, seen)
            both = merge(base, mine, theirs)
            if both.conflicts:
                raise ConflictError(found, base, theirs, both.wording, both.conflicts)
            mine, how = both.wording, PartVersion.Change.MERGED
        if mine == theirs and not was_out:
            return None
        return _write(found, actor, how, mine, now)


def restore(actor: Actor, part: int, number: int, seen: int, *, now: Instant) -> Written:
    """Take up the wording of an older version again, as a new one.

    Raises:
        ActionRefusedError: when it says that already, or somebody wrote since `seen`.
        PermissionDenied: when no relation allows it.
        Part.DoesNotExist: when there is no such part, or it is another organisation's own.
    """
    with transaction.atomic():
        found = _part(actor, part, now)
        _unchanged(found, seen)
        old = wording_of(found, number)
        if old == wording_of(found) and not found.removed:
            raise ActionRefusedError("it says that already")
        found.removed = False
        return _write(found, actor, PartVersion.Change.RESTORED, old, now, restored=number)


def remove(actor: Actor, part: int, seen: int, *, now: Instant) -> Written:
    """Take a part out of the plan; its versions stay, and any of them can be taken up again.

    Raises:
        ActionRefusedError: when it is out, or somebody wrote since `seen`.
        PermissionDenied: when no relation allows it.
        Part.DoesNotExist: when there is no such part, or it is another organisation's own.
    """
    with transaction.atomic():
        found = _part(actor, part, now)
        _unchanged(found, seen)
        if found.removed:
            raise ActionRefusedError("it is out of the plan already")
        found.removed = True
        return _write(found, actor, PartVersion.Change.REMOVED, wording_of(found), now)


def wording_of(part: Part, number: int | None = None) -> Wording:
    """What a part says in a version; default the newest.

    Raises:
        ActionRefusedError: when there is no such version.
    """
    row = PartVersion.objects.filter(part=part, number=part.version if number is None else number).first()
    if row is None:
        raise ActionRefusedError("there is no such version")
    return unseal(bytes(row.content))


def may_write(actor: Actor, part: Part) -> bool:
    """Whether a part is the actor's to write, as far as the part itself goes."""
    if isinstance(actor, Process):
        return True
    if is_citizen(actor):
        return part.kind == Part.Kind.GOAL and part.only_for_id is None
    return part.only_for_id in (None, organisation_of(actor))


def _asked(actor: Actor, kind: Part.Kind) -> str:
    """A citizen writes goals, and nothing else."""
    if is_citizen(actor) and kind != Part.Kind.GOAL:
        raise PermissionDenied("a citizen writes goals of their own")
    return asked(actor, "edit-plan", "own-goal")


def _part(actor: Actor, pk: int, now: Instant) -> Part:
    """A part that the actor may write, with its plan locked until the commit, and the trace of it."""
    found = Part.objects.get(pk=pk)
    if found.only_for_id is not None and not may_write(actor, found):
        raise Part.DoesNotExist
    found.plan = plan_of(found.plan_id)
    action = _asked(actor, Part.Kind(found.kind))
    trace(actor, found.plan.citizen, action, f"{found.kind} {found.section}", now)
    require_open(found.plan)
    found.refresh_from_db(fields=["version", "removed", "agreed_version"])
    return found


def _unchanged(part: Part, seen: int) -> None:
    if part.version != seen:
        raise ActionRefusedError("somebody else wrote meanwhile: look at it again")


def _checked(kind: Part.Kind, wording: Wording) -> Wording:
    found = cleaned(kind, wording)
    if not found.get("text"):
        raise ActionRefusedError("write something")
    if any(len(text) > LONGEST for text in found.values()):
        raise ActionRefusedError(f"a text is longer than {LONGEST} characters")
    if kind in STATES:
        found.setdefault("state", STATES[kind][0])
        if found["state"] not in STATES[kind]:
            raise ActionRefusedError(f"a {kind} is never {found['state']!r}")
    for name in ("starts", "ends", "revise_by"):
        day(found.get(name))
    return found


def day(text: str | None) -> dt.date | None:
    """A day as it stands in a wording; None for none.

    Raises:
        ActionRefusedError: when it is no day.
    """
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ActionRefusedError("a day is written like 2026-11-22") from None


def _show(part: Part, wording: Wording) -> None:
    """Put into the row what lists ask for."""
    part.owner = wording.get("owner", "")
    part.state = wording.get("state", "")
    part.starts, part.ends = day(wording.get("starts")), day(wording.get("ends"))
    part.revise_by = day(wording.get("revise_by"))


def _write(
    part: Part,
    actor: Actor,
    how: PartVersion.Change,
    wording: Wording,
    now: Instant,
    restored: int | None = None,
) -> Written:
    part.version += 1
    _show(part, wording)
    part.save(update_fields=["version", "owner", "state", "starts", "ends", "revise_by", "removed"])
    return Written(part, _version(part, actor, how, wording, now, restored))


def _version(
    part: Part,
    actor: Actor,
    how: PartVersion.Change,
    wording: Wording,
    now: Instant,
    restored: int | None = None,
) -> PartVersion:
    by, name, organisation = name_of(actor)
    return PartVersion.objects.create(
        part=part,
        number=part.version,
        at=now,
        by=by,
        by_name=name,
        organisation=organisation,
        change=how,
        restored=restored,
        content=seal(wording),
    )
