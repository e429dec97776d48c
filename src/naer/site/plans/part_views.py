"""One part of a plan: written, changed by several at once, its versions compared and taken up again."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Citizen
from naer.site.plans import queries, words
from naer.site.plans.actions import part as acts
from naer.site.plans.forms import PartForm
from naer.site.plans.models import Part, PartVersion, Plan
from naer.site.plans.views import opened
from naer.site.plans.wording import FIELDS, Piece, Wording, difference, unseal
from naer.site.ui.requests import now_of
from naer.site.ui.times import full_day
from naer.site.ui.worded import word

_VERSIONS = 50


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, key: str) -> HttpResponse:
    """Write a section, a goal or an activity that is not there yet."""
    user, citizen, held, now = opened(request, key, "plan, to write")
    kind, section, own = _asked(request, user)
    _require_writer(user, citizen, kind, now)
    existing = _written(held, kind, section, user.organisation_id if own else None)
    if existing is not None and request.method != "POST":
        return redirect("plan-part", key, existing.pk)
    form = PartForm(request.POST or None, kind=kind, citizen=citizen, own=own, label_suffix="")
    if request.method == "POST" and form.is_valid():
        if existing is not None:  # somebody was first: both texts are shown, and nothing is lost
            return _conflict(request, citizen, existing, form.wording, {})
        try:
            acts.add(user, key, kind, section, form.wording, own=own, now=now)
        except ActionRefusedError:
            existing = _written(held, kind, section, user.organisation_id if own else None)
            if existing is None:
                raise
            return _conflict(request, citizen, existing, form.wording, {})
        messages.success(request, _("Written into the plan."))
        return redirect("plan", key)
    context = {
        "citizen": citizen,
        "form": form,
        "kind": word(words.KINDS, kind),
        "is_section": kind == Part.Kind.SECTION,
        "section": section,
        "own": own,
        "now": now,
    }
    return render(request, "plans/part.html", context, status=422 if form.errors else 200)


def _asked(request: HttpRequest, user: User) -> tuple[str, int, bool]:
    """Kind, section and whether it is one's own organisation's, as the address says."""
    kind, number = request.GET.get("kind", "section"), request.GET.get("section", "1")
    if kind not in Part.Kind or number not in {str(one) for one in queries.SECTIONS}:
        raise Http404
    own = request.GET.get("own") == "1" and kind == Part.Kind.SECTION and bool(user.organisation_id)
    return kind, acts.SECTION_OF.get(Part.Kind(kind), int(number)), own


def _written(held: Plan, kind: str, section: int, organisation: str | None) -> Part | None:
    if kind != Part.Kind.SECTION:
        return None
    return Part.objects.filter(plan=held, kind=kind, section=section, only_for=organisation).first()


def _require_writer(user: User, citizen: Citizen, kind: str, now: Instant) -> None:
    own = user.role == User.Role.CITIZEN
    action = "own-goal" if own and kind == Part.Kind.GOAL else "edit-plan"
    if not rules.relation(user, citizen, now, action):
        raise PermissionDenied(f"no relation allows {action}")


def _found(user: User, held: Plan, pk: int) -> Part:
    """A part of the plan that `user` may read.

    Raises:
        Http404: when there is none.
    """
    found = queries.parts_for(held, user.organisation_id).select_related("plan").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Change a part, or take it out."""
    user, citizen, held, now = opened(request, key, f"plan, part {pk}")
    found = _found(user, held, pk)
    _require_writer(user, citizen, found.kind, now)
    own = found.only_for_id is not None
    act = request.POST.get("act", "")
    wording = acts.wording_of(found)
    form = PartForm(
        request.POST if act == "save" else None,
        initial=wording | {"seen": found.version},
        kind=found.kind,
        citizen=citizen,
        own=own,
        label_suffix="",
    )
    if act == "save" and form.is_valid():
        return _save(request, user, citizen, found, form, now)
    if act == "remove":
        try:
            acts.remove(user, pk, _number(request, "seen"), now=now)
            messages.success(request, _("Taken out of the plan. It can be taken up again from its versions."))
            return redirect("plan", key)
        except ActionRefusedError:
            messages.error(
                request, _("Somebody else wrote meanwhile, or it is out already: look at it again.")
            )
            return redirect("plan-part", key, pk)
    context = {
        "citizen": citizen,
        "form": form,
        "part": found,
        "kind": word(words.KINDS, found.kind),
        "is_section": found.kind == Part.Kind.SECTION,
        "section": found.section,
        "own": own,
        "now": now,
    }
    return render(request, "plans/part.html", context, status=422 if form.errors else 200)


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 7 else 0


def _save(
    request: HttpRequest, user: User, citizen: Citizen, found: Part, form: PartForm, now: Instant
) -> HttpResponse:
    try:
        written = acts.change(user, found.pk, form.cleaned_data["seen"] or 0, form.wording, now=now)
    except acts.ConflictError as conflict:
        return _conflict(request, citizen, conflict.part, conflict.merged, conflict.base)
    except ActionRefusedError:
        return _conflict(request, citizen, found, form.wording, {})
    if written is not None and written.version.change == PartVersion.Change.MERGED:
        text = _("Saved. Somebody else had written meanwhile: both changes are in it now. Read it through.")
        messages.success(request, text)
        return redirect("plan-part", citizen.key, found.pk)
    messages.success(request, _("Saved.") if written else _("It said that already: nothing was changed."))
    return redirect("plan", citizen.key)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One field that two wrote in different ways."""

    name: str
    mine: str
    theirs: str


def _conflict(
    request: HttpRequest, citizen: Citizen, found: Part, mine: Wording, base: Wording
) -> HttpResponse:
    """Both texts beside one another, and the form filled with one's own: nothing is lost."""
    found.refresh_from_db()
    theirs = acts.wording_of(found)
    newest = PartVersion.objects.get(part=found, number=found.version)
    names = _names(mine, theirs)
    form = PartForm(
        initial=mine | {"seen": found.version},
        kind=found.kind,
        citizen=citizen,
        own=found.only_for_id is not None,
        label_suffix="",
    )
    told = [
        Contradiction(name, _shown(name, mine, names), _shown(name, theirs, names))
        for name in FIELDS[found.kind]
        if mine.get(name, "") != theirs.get(name, "") and base.get(name, "") != theirs.get(name, "")
    ]
    context = {
        "citizen": citizen,
        "form": form,
        "part": found,
        "kind": word(words.KINDS, found.kind),
        "is_section": found.kind == Part.Kind.SECTION,
        "section": found.section,
        "own": found.only_for_id is not None,
        "conflicts": told,
        "newest": newest,
        "now": now_of(request),
    }
    return render(request, "plans/part.html", context, status=409)


@dataclass(frozen=True, slots=True)
class Compared:
    """A version, and how it differs from the one before it."""

    version: PartVersion
    changes: list[tuple[str, list[Piece]]]
    is_newest: bool


@require_http_methods(["GET", "HEAD", "POST"])
def history(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Who changed what in a part, newest first; any version can be taken up again, as a new one."""
    user, citizen, held, now = opened(request, key, f"plan, versions of part {pk}")
    found = _found(user, held, pk)
    if request.method == "POST":
        _require_writer(user, citizen, found.kind, now)
        try:
            acts.restore(user, pk, _number(request, "number"), _number(request, "seen"), now=now)
            messages.success(request, _("Taken up again, as a new version."))
        except ActionRefusedError:
            messages.error(request, _("It says that already, or somebody else wrote meanwhile."))
        return redirect("plan-history", key, pk)
    versions = list(PartVersion.objects.filter(part=found).order_by("-number")[: _VERSIONS + 1])
    worded = [unseal(bytes(version.content)) for version in versions]
    names = _names(*worded)
    organisations = {version.organisation for version in versions}
    context = {
        "citizen": citizen,
        "part": found,
        "kind": word(words.KINDS, found.kind),
        "is_section": found.kind == Part.Kind.SECTION,
        "section": found.section,
        "rows": [
            Compared(version, _changes(found.kind, before, after, names), version.number == found.version)
            for version, after, before in zip(versions, worded, [*worded[1:], {}], strict=True)
        ][:_VERSIONS],
        "at": dict(Organisation.objects.filter(pk__in=organisations).values_list("key", "name")),
        "may_write": acts.may_write(user, found) and _writes(user, citizen, found.kind, now),
        "now": now,
    }
    return render(request, "plans/history.html", context)


def _writes(user: User, citizen: Citizen, kind: str, now: Instant) -> bool:
    try:
        _require_writer(user, citizen, kind, now)
    except PermissionDenied:
        return False
    return True


def _changes(
    kind: str, before: Wording, after: Wording, names: dict[str, str]
) -> list[tuple[str, list[Piece]]]:
    """Field → how its text changed, for those that did."""
    return [
        (name, difference(_shown(name, before, names), _shown(name, after, names)))
        for name in FIELDS[kind]
        if before.get(name, "") != after.get(name, "")
    ]


def _names(*worded: Wording) -> dict[str, str]:
    """Names of the organisations that wordings mention."""
    keys = {one["owner"] for one in worded if "owner" in one}
    return dict(Organisation.objects.filter(pk__in=keys).values_list("key", "name"))


def _shown(name: str, wording: Wording, names: dict[str, str]) -> str:
    """A field as people read it."""
    text = wording.get(name, "")
    if name == "owner":
        return names.get(text, text)
    if name == "state":
        return word({**words.GOALS, **words.ACTIVITIES}, text)
    day = acts.day(text) if name in ("starts", "ends", "revise_by") else None
    return full_day(day) if day is not None else text
