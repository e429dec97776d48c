"""What is stored of a cooperation deviation: who, about what, how far it has come, and what each party said.

Neither a fault in a message nor a refused one: those have tables of their own (messaging).
"""

from django.db import models

from naer.site.accounts.models import Organisation
from naer.site.pathways.models import Citizen, Obligation


class Deviation(models.Model):
    """Practice that departed from the agreed division of work, between two organisations."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        """By a missed obligation; only the organisation it was owed to sees it."""
        DISMISSED = "dismissed"
        """A proposal that nobody takes up, with the reason."""
        OPEN = "open"
        """Raised; the other party has not answered."""
        ANSWERED = "answered"
        AGREED = "agreed"
        """Both agreed on what is learnt and done."""
        CLOSED = "closed"
        WITHDRAWN = "withdrawn"

    class Turn(models.TextChoices):
        """Whose turn it is."""

        NOBODY = ""
        RAISER = "raiser"
        COUNTERPART = "counterpart"
        BOTH = "both"

    key = models.CharField(max_length=64, primary_key=True)
    citizen = models.ForeignKey(Citizen, null=True, on_delete=models.PROTECT, related_name="+")
    """Nobody when it is about no one citizen, or about several."""
    pathway = models.CharField(max_length=128, blank=True, default="")
    raised_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    counterpart = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    municipality = models.CharField(max_length=4, blank=True, default="")
    """Code of the place it is counted under: where the citizen lives, else the municipal party."""
    by_engine = models.BooleanField(default=False)
    """Proposed by missed obligations; see `Breach`."""
    agreement = models.CharField(max_length=100, blank=True, default="")
    clause = models.CharField(max_length=100, blank=True, default="")
    """The clause departed from; empty when it is none that is written."""
    version = models.DateField(null=True)
    stage = models.CharField(max_length=20)
    harm = models.CharField(max_length=20)
    severity = models.CharField(max_length=20)
    cause = models.CharField(max_length=20)
    """Words of `deviations.classes`; the cause is the raiser's until both agree on one."""
    happened = models.BigIntegerField()
    """Microseconds since the epoch, as all instants here."""
    raised = models.BigIntegerField()
    """When it was raised, or proposed while it is only that."""
    asked_by = models.BigIntegerField(null=True)
    """When the raiser asks to be answered; an agreement's own deadline goes before it."""
    state = models.CharField(max_length=12, choices=State)
    turn = models.CharField(max_length=12, blank=True, default="", choices=Turn)
    event = models.CharField(max_length=128, blank=True, default="")
    """Id of the event that says it was raised; empty without a citizen."""
    raiser_owner = models.CharField(max_length=150, blank=True, default="")
    counterpart_owner = models.CharField(max_length=150, blank=True, default="")
    """User name of who follows it up there; empty while nobody does."""
    answered = models.BigIntegerField(null=True)
    agreed = models.BigIntegerField(null=True)
    measure_by = models.BigIntegerField(null=True)
    """When the agreed measure is to stand."""
    raiser_closed = models.BigIntegerField(null=True)
    counterpart_closed = models.BigIntegerField(null=True)
    closed = models.BigIntegerField(null=True)
    authority_told = models.BigIntegerField(null=True)
    """When the authority was told of a serious one, as somebody here says."""

    class Meta:
        indexes = [
            models.Index(fields=["raised_by", "state", "raised"], name="deviation_of_raiser"),
            models.Index(fields=["counterpart", "state", "raised"], name="deviation_of_other"),
        ]

    def __str__(self) -> str:
        return self.key


RUNNING = (Deviation.State.OPEN, Deviation.State.ANSWERED, Deviation.State.AGREED)
"""States of one that is neither a proposal nor over."""


class Contribution(models.Model):
    """What one party said or did, in order. The application never changes or deletes one."""

    deviation = models.ForeignKey(Deviation, on_delete=models.CASCADE, related_name="said")
    at = models.BigIntegerField()
    by = models.CharField(max_length=150)
    """User name, or the name of a process."""
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=20)
    """raise, propose, dismiss, own, answer, note, suggest, accept, close, tell or withdraw."""
    content = models.BinaryField()
    """A JSON object with what was written, sealed: it may be about health."""


class Breach(models.Model):
    """A missed obligation behind a deviation; it is behind one only."""

    deviation = models.ForeignKey(Deviation, on_delete=models.CASCADE, related_name="breaches")
    obligation = models.OneToOneField(Obligation, on_delete=models.CASCADE, related_name="breach")
