"""What is stored of medicines at the handover. Rows are added, never changed: a newer list stands beside the
older one, and a confirmation is of the very lines it names."""

from django.db import models

from naer.site.accounts.models import Organisation
from naer.site.messaging.models import StoredLetter
from naer.site.pathways.models import Citizen


class MedicineList(models.Model):
    """One version of the medicines before the stay or after it, as somebody wrote them or took them over."""

    class Moment(models.TextChoices):
        BEFORE = "before"
        """What the citizen took before the hospital."""
        AFTER = "after"
        """What the citizen takes from the discharge on."""

    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="+", db_index=False)
    stay = models.CharField(max_length=128)
    """The pathway that the stay began in."""
    moment = models.CharField(max_length=8, choices=Moment)
    version = models.IntegerField()
    """1, 2, 3 …; the newest holds."""
    at = models.BigIntegerField()
    """Microseconds since the epoch, as all instants here."""
    by = models.CharField(max_length=150)
    name = models.CharField(max_length=200)
    """User name and full name of who wrote it."""
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    letter = models.ForeignKey(StoredLetter, null=True, on_delete=models.SET_NULL, related_name="+")
    """The message it was taken over from, if from one."""
    content = models.BinaryField()
    """The medicines (`medicines.Medicine`) as JSON, sealed."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "stay", "moment", "version"], name="one_version_of_medicines"
            )
        ]

    def __str__(self) -> str:
        return f"{self.moment} {self.version}"


class Confirmation(models.Model):
    """A named person said what becomes of one medicine; the newest of the same line holds."""

    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="+", db_index=False)
    stay = models.CharField(max_length=128)
    decision = models.CharField(max_length=12)
    """continue, new, changed, stopped or unclear."""
    at = models.BigIntegerField()
    by = models.CharField(max_length=150)
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    content = models.BinaryField()
    """Which line and why, sealed: {"line": digest of both sides as written, "reason": text or empty}."""

    class Meta:
        indexes = [models.Index(fields=["citizen", "stay"], name="confirmation_of_stay")]

    def __str__(self) -> str:
        return self.decision


class Supply(models.Model):
    """What was handed out for the first days; the newest holds."""

    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="+", db_index=False)
    stay = models.CharField(max_length=128)
    until = models.DateField(null=True)
    """The last day there is medicine for; None when nothing was handed out."""
    doses_until = models.DateField(null=True)
    """The last day of multi-dose packs at home, where there are such."""
    at = models.BigIntegerField()
    by = models.CharField(max_length=150)
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    note = models.BinaryField()
    """What else is to be known, sealed; the text may be empty."""

    class Meta:
        indexes = [models.Index(fields=["citizen", "stay"], name="supply_of_stay")]

    def __str__(self) -> str:
        return str(self.until or "")
