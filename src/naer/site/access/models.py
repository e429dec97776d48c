"""The trace of every look and every write, and what opens or closes a citizen's record beside care itself."""

from django.db import models


class AccessEntry(models.Model):
    """One look at, or write about, a citizen. The database refuses to change or delete it."""

    at = models.DateTimeField(db_index=True)
    user = models.CharField(max_length=150)
    """User name, or the name of the process ("naer receive")."""
    organisation = models.CharField(max_length=64, blank=True, default="")
    role = models.CharField(max_length=20, blank=True, default="")
    citizen = models.CharField(max_length=64, blank=True, default="")
    action = models.CharField(max_length=40)
    """What was done; a name registered in `access.actions`."""
    subject = models.CharField(max_length=200, blank=True, default="")
    """What it was done to: a message id, an obligation, a page. Never a person number."""
    relation = models.CharField(max_length=40, blank=True, default="")
    """The care relation that allowed it."""
    purpose = models.CharField(max_length=16, blank=True, default="", db_default="")
    """Why, in one word of `access.actions.PURPOSES`."""
    whence = models.CharField(max_length=64, blank=True, default="", db_default="")
    """The network address it came from; empty for a process."""

    class Meta:
        indexes = [
            models.Index(fields=["citizen", "at"]),
            models.Index(fields=["user", "at"], name="access_by_user"),
            models.Index(fields=["organisation", "at"], name="access_by_organisation"),
        ]


class AccessSeal(models.Model):
    """A digest over the entries since the seal before, chained to it: what `naer doctor` compares with.

    Append-only, as the entries are.
    """

    at = models.DateTimeField()
    last = models.BigIntegerField()
    """The newest entry it covers."""
    entries = models.BigIntegerField()
    """How many it covers."""
    digest = models.CharField(max_length=64)


class Grant(models.Model):
    """What a citizen lets somebody near them see, until when. Ended, never deleted."""

    citizen = models.ForeignKey("pathways.Citizen", on_delete=models.CASCADE, related_name="grants")
    relative = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    """Who it is for; nobody until they have taken the code."""
    name = models.CharField(max_length=100, blank=True, default="")
    """What the citizen calls them: "my daughter"."""
    code = models.CharField(max_length=64, blank=True, default="")
    """Hash of the code that a relative takes it with; empty once taken."""
    what = models.CharField(max_length=200)
    """Names of `table.GRANTED`, with a space before and after each: " page plan "."""
    since = models.BigIntegerField()
    """Microseconds since the epoch, as every time here."""
    until = models.BigIntegerField()
    ended = models.BigIntegerField(null=True)
    """When the citizen took it back."""

    class Meta:
        indexes = [models.Index(fields=["relative", "citizen"], name="grant_of_relative")]

    @property
    def last(self) -> int:
        """The last instant of it: it holds until and with the day of this, where a day was asked for."""
        return self.until - 1


class Block(models.Model):
    """An organisation that a citizen keeps out. Lifted, never deleted."""

    citizen = models.ForeignKey("pathways.Citizen", on_delete=models.CASCADE, related_name="blocks")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    since = models.BigIntegerField()
    lifted = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "citizen"], name="block_of_organisation")]
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "organisation"],
                condition=models.Q(lifted=None),
                name="blocked_once",
            )
        ]


class Emergency(models.Model):
    """Somebody opened a record without a care relation: why, until when, and who looked into it."""

    class Verdict(models.TextChoices):
        RIGHT = "right"
        WRONG = "wrong"

    citizen = models.ForeignKey("pathways.Citizen", on_delete=models.CASCADE, related_name="emergencies")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    at = models.BigIntegerField()
    until = models.BigIntegerField()
    reason = models.BinaryField()
    """Why, in the words of who opened it: sealed."""
    reviewer = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    """Who is to look into it; after the review, who did."""
    reviewed = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True, default="")
    note = models.BinaryField(default=b"")
    """What the reviewer wrote: sealed, or empty."""

    class Meta:
        indexes = [
            models.Index(fields=["user", "citizen"], name="emergency_of_user"),
            models.Index(fields=["organisation", "reviewed"], name="emergency_to_review"),
        ]
