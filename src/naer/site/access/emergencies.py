"""Emergency access: a reason, for some hours, told to the citizen, looked into by a named person."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, QuerySet, Value, When

from naer.events.instant import HOUR, Instant
from naer.site import vault
from naer.site.access import rules
from naer.site.access.models import Emergency
from naer.site.access.table import OFFICE, TABLE
from naer.site.access.trace import entry_of
from naer.site.accounts.models import User
from naer.site.notifications.actions import tell
from naer.site.pathways.models import Citizen

PURPOSE = "emergency"
"""What reasons and notes are sealed for."""
SHORTEST = 10
"""Characters of a reason, at least."""
LONGEST = 2000

REVIEWERS = tuple(role for role, actions in OFFICE.items() if "access-review" in actions)
"""Roles that look into emergency access; who runs the system only when nobody in care can."""


class EmergencyRefusedError(ValueError):
    """What was asked makes no sense as things stand; the text says why and may be shown."""


def open_record(user: User, citizen: Citizen, reason: str, *, now: Instant) -> Emergency:
    """Let `user` see `citizen` for `settings.EMERGENCY_HOURS`, though no relation allows it.

    Raises:
        EmergencyRefusedError: when the reason says nothing, or is too long.
        PermissionDenied: when the role opens no records in an emergency.
    """
    if not _may_open(user) or user.organisation is None:
        raise PermissionDenied("the role opens no record in an emergency")
    reason = " ".join(reason.split())
    if not SHORTEST <= len(reason) <= LONGEST:
        raise EmergencyRefusedError(f"a reason has {SHORTEST} to {LONGEST} characters")
    with transaction.atomic():
        made = Emergency.objects.create(
            citizen=citizen,
            user=user,
            organisation=user.organisation,
            at=now,
            until=now + hours() * HOUR,
            reason=vault.seal(PURPOSE, reason.encode()),
            reviewer=reviewers(user).first(),
        )
        entry_of(user, citizen.key, "emergency", f"emergency {made.pk}", "emergency", now).save()
        if made.reviewer is not None:
            tell([made.reviewer], "emergency", f"emergency {made.pk}", now=now)
    return made


def hours() -> int:
    """How long a record stays open."""
    return int(settings.EMERGENCY_HOURS)


def _may_open(user: User) -> bool:
    """Whether the role opens records in an emergency, at an organisation where it is a role."""
    return rules.may(user, "emergency") and rules.sees_citizens(user)


def reviewers(user: User) -> QuerySet[User]:
    """Who can look into what `user` opened: colleagues, those in care first, never `user`."""
    in_care = [role for role in REVIEWERS if (role, "emergency") in TABLE]
    return (
        User.objects.filter(organisation=user.organisation_id, role__in=REVIEWERS, is_active=True)
        .exclude(pk=user.pk)
        .alias(other=Case(When(role__in=in_care, then=Value(0)), default=Value(1)))
        .order_by("other", "pk")
    )


def to_review(user: User) -> QuerySet[Emergency]:
    """What was opened at the user's organisation by somebody else and waits for a review, oldest first."""
    return _of_organisation(user).filter(reviewed=None).order_by("at", "pk")


def reviewed(user: User) -> QuerySet[Emergency]:
    """What was looked into at the user's organisation, newest first."""
    return _of_organisation(user).filter(reviewed__isnull=False).order_by("-reviewed", "-pk")


def _of_organisation(user: User) -> QuerySet[Emergency]:
    if not rules.may(user, "access-review") or user.organisation_id is None:
        return Emergency.objects.none()
    found = Emergency.objects.filter(organisation=user.organisation_id).exclude(user=user)
    if (user.role, "emergency") not in TABLE:  # who runs the system sees reasons only as the last resort
        found = found.filter(reviewer=user)
    return found.select_related("user", "reviewer", "citizen")


def review(user: User, emergency: int, verdict: str, note: str, *, now: Instant) -> Emergency:
    """Say whether an emergency access was right; once, by name, never by who opened it.

    Raises:
        EmergencyRefusedError: when the verdict is none, or it was looked into already.
        Emergency.DoesNotExist: when there is none that `user` may look into.
    """
    if verdict not in Emergency.Verdict.values:
        raise EmergencyRefusedError("say whether it was right or wrong")
    note = note.strip()
    if len(note) > LONGEST:
        raise EmergencyRefusedError(f"a note has at most {LONGEST} characters")
    with transaction.atomic():
        allowed = _of_organisation(user).values("pk")
        found = Emergency.objects.select_for_update().get(pk=emergency, pk__in=allowed)
        if found.reviewed is not None:
            raise EmergencyRefusedError("it was looked into already")
        found.reviewer, found.reviewed, found.verdict = user, now, verdict
        found.note = vault.seal(PURPOSE, note.encode()) if note else b""
        found.save(update_fields=["reviewer", "reviewed", "verdict", "note"])
        subject = f"emergency {found.pk} {verdict}"
        entry_of(user, found.citizen_id, "review-emergency", subject, "", now).save()
    return found


def reason_of(found: Emergency) -> str:
    """Why the record was opened, in the words of who did."""
    return vault.unseal(PURPOSE, bytes(found.reason)).decode()


def note_of(found: Emergency) -> str:
    """What the reviewer wrote; empty when nothing."""
    return vault.unseal(PURPOSE, bytes(found.note)).decode() if found.note else ""
