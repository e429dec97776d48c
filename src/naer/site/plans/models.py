"""A citizen's individual plan, who takes part in it with what consent, and who coordinates.

Free text about a citizen is sealed (`naer.site.vault`, purpose "plan"). Nothing is overwritten: every change
of a part of the plan is a version of its own.
"""

from django.db import models

from naer.site.accounts.models import Organisation, User
from naer.site.pathways.models import Citizen

SEALED = "plan"
"""Purpose that the contents of versions are sealed for."""
COURSE = ".plan"
"""What the id of the pathway ends with that holds what is told of a plan; before it the citizen's key."""


class Plan(models.Model):
    """The individual plan: one for each person, so that its key is the citizen's."""

    citizen = models.OneToOneField(Citizen, on_delete=models.PROTECT, primary_key=True, related_name="plan")
    responsible = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """Who sees to it that the plan is made and followed."""
    started = models.BigIntegerField()
    """Microseconds since the epoch, as every instant here."""
    ended = models.BigIntegerField(null=True)
    """When the consent to the plan was withdrawn, or the plan was ended; a new consent opens it again."""
    end_reason = models.CharField(max_length=20, blank=True, default="")
    """withdrawn, met, moved, died or other."""
    taken_up = models.BigIntegerField(null=True)
    """When it was last opened again: a death or a move before that ends it no more."""
    version = models.PositiveIntegerField(default=0)
    """How often it was agreed; 0 until then."""
    agreed = models.BigIntegerField(null=True)
    revise_by = models.DateField(null=True, db_index=True)
    seen_by_citizen = models.BigIntegerField(null=True)


class PlanVersion(models.Model):
    """The plan as it was agreed once: which version of each part belonged to it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.BigIntegerField()
    by = models.CharField(max_length=150)
    by_name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=64)
    parts = models.JSONField()
    """Row of the part → number of its version."""
    revise_by = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once")]


class Part(models.Model):
    """What is written and agreed by itself: a section, a goal or an activity.

    What it says stands in its newest version; here is what lists ask for.
    """

    class Kind(models.TextChoices):
        SECTION = "section"
        GOAL = "goal"
        ACTIVITY = "activity"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="parts", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    section = models.PositiveSmallIntegerField()
    """Which of the ten sections it belongs to, 1 to 10."""
    only_for = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    """The one organisation that may read it; None: everybody who takes part."""
    owner = models.CharField(max_length=64, blank=True, default="")
    """Key of the organisation that answers for it."""
    state = models.CharField(max_length=10, blank=True, default="")
    """Of a goal: active, reached or dropped. Of an activity: planned, running, done or stopped."""
    starts = models.DateField(null=True)
    ends = models.DateField(null=True)
    revise_by = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)
    """Number of its newest version: what a form was filled from is compared with it."""
    agreed_version = models.PositiveIntegerField(null=True)
    """The version that was agreed; another newest version is a draft."""
    removed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "section"],
                condition=models.Q(kind="section", only_for=None),
                name="section_shared_once",
            ),
            models.UniqueConstraint(
                fields=["plan", "section", "only_for"],
                condition=models.Q(kind="section", only_for__isnull=False),
                name="section_once_for_each",
            ),
        ]
        indexes = [models.Index(fields=["plan", "kind"])]


class PartVersion(models.Model):
    """One wording of a part: who wrote it and when. Never changed."""

    class Change(models.TextChoices):
        MADE = "made"
        CHANGED = "changed"
        MERGED = "merged"
        """Two people had written at once, and both changes are in it."""
        RESTORED = "restored"
        REMOVED = "removed"

    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    at = models.BigIntegerField()
    by = models.CharField(max_length=150)
    by_name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=64, blank=True, default="")
    change = models.CharField(max_length=10, choices=Change)
    restored = models.PositiveIntegerField(null=True)
    """The version whose wording this one took up again."""
    content = models.BinaryField()
    """JSON object of texts (`naer.site.plans.wording`), sealed."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "number"], name="part_version_once")]


class Participant(models.Model):
    """An organisation, a person or a relative who takes part in the plan."""

    class Kind(models.TextChoices):
        ORGANISATION = "organisation"
        PERSON = "person"
        RELATIVE = "relative"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="participants", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    """A relative's own user, who then sees the plan."""
    name = models.CharField(max_length=200, blank=True, default="")
    """Of a person or relative."""
    role = models.CharField(max_length=100, blank=True, default="")
    """What they do, in their own words: physiotherapist, daughter …"""
    phone = models.CharField(max_length=40, blank=True, default="")
    joined = models.BigIntegerField()
    left = models.BigIntegerField(null=True)
    active = models.BooleanField(default=False)
    """Whether they may see the plan now: it is open, they have not left, and the consent holds."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "organisation"],
                condition=models.Q(organisation__isnull=False, left=None),
                name="takes_part_once",
            )
        ]
        indexes = [
            models.Index(fields=["plan"]),
            models.Index(fields=["organisation", "active"]),
            models.Index(fields=["user"], condition=models.Q(user__isnull=False), name="participant_user"),
        ]


class Consent(models.Model):
    """The citizen's yes to the plan, or to sharing it with one participant; ended, never erased."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="consents")
    participant = models.ForeignKey(Participant, null=True, on_delete=models.PROTECT, related_name="consents")
    """None: to the plan itself."""
    given = models.BigIntegerField()
    how = models.CharField(max_length=10)
    """oral, written, or own: the citizen gave it themselves, signed in; guardian."""
    given_by = models.CharField(max_length=150)
    """User name of who wrote it down."""
    withdrawn = models.BigIntegerField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan"],
                condition=models.Q(participant=None, withdrawn=None),
                name="plan_consent_once",
            ),
            models.UniqueConstraint(
                fields=["participant"],
                condition=models.Q(participant__isnull=False, withdrawn=None),
                name="sharing_consent_once",
            ),
        ]


class Coordinator(models.Model):
    """A named person who coordinates, with or without a plan: offered, accepted, started, ended."""

    class Kind(models.TextChoices):
        MAIN = "main"
        CHILD = "child"

    citizen = models.ForeignKey(
        Citizen, on_delete=models.PROTECT, related_name="coordinators", db_index=False
    )
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.MAIN)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    phone = models.CharField(max_length=40, blank=True, default="")
    offered = models.BigIntegerField()
    offered_by = models.CharField(max_length=150)
    accepted = models.BigIntegerField(null=True)
    """When the citizen said yes."""
    declined = models.BigIntegerField(null=True)
    started = models.BigIntegerField(null=True)
    until = models.BigIntegerField(null=True)
    """When it ends by rule: a children's coordinator at the 18th birthday."""
    ended = models.BigIntegerField(null=True)
    end_reason = models.CharField(max_length=20, blank=True, default="")
    """handed-over, citizen, left, no-need, of-age or other."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "kind"],
                condition=models.Q(started__isnull=False, ended=None),
                name="one_coordinator_of_each_kind",
            )
        ]
        indexes = [
            models.Index(fields=["citizen"]),
            models.Index(fields=["user", "ended"]),
            models.Index(
                fields=["deputy"], condition=models.Q(deputy__isnull=False), name="coordinator_deputy"
            ),
        ]


class HandOver(models.Model):
    """A coordinator's hand-over to another: both confirm it, then the other has begun."""

    coordinator = models.ForeignKey(Coordinator, on_delete=models.PROTECT, related_name="hand_overs")
    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed = models.BigIntegerField()
    proposed_by = models.CharField(max_length=150)
    confirmed_from = models.BigIntegerField(null=True)
    confirmed_to = models.BigIntegerField(null=True)
    cancelled = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["coordinator"],
                condition=models.Q(cancelled=None),
                name="one_hand_over_at_a_time",
            )
        ]


class TeamMember(models.Model):
    """Somebody with a role around the citizen, at a place, from one day to another."""

    class Place(models.TextChoices):
        ANYWHERE = "any"
        HOME = "home"
        HOSPITAL = "hospital"

    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="team")
    role = models.CharField(max_length=20)
    """One of `team.ROLES`."""
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    phone = models.CharField(max_length=40, blank=True, default="")
    hours = models.CharField(max_length=60, blank=True, default="")
    """When they can be reached, in words."""
    place = models.CharField(max_length=8, choices=Place, default=Place.ANYWHERE)
    starts = models.DateField()
    ends = models.DateField(null=True)
    """The last day."""
