"""Requests for help: who asked for whom, how it was sorted, who has it, and what was answered.

What people wrote is sealed (`naer.site.vault`, purpose "entry"). Nothing is overwritten: every step is a row
of its own, and a request itself holds only what lists ask for.
"""

from django.db import models

from naer.site.accounts.models import Organisation, User
from naer.site.messaging.models import StoredLetter
from naer.site.pathways.models import Citizen

SEALED = "entry"
"""Purpose that the texts are sealed for."""
HELP = ".help."
"""In the id of the pathway of a request, between the citizen's key and the request's."""


class HelpRequest(models.Model):
    """Somebody asked a municipality for help for a citizen."""

    class Asker(models.TextChoices):
        CITIZEN = "citizen"
        RELATIVE = "relative"
        GP = "gp"
        HOSPITAL = "hospital"
        OTHER = "other"

    class Channel(models.TextChoices):
        FORM = "form"
        MESSAGE = "message"
        PHONE = "phone"

    class Sorting(models.TextChoices):
        URGENT = "urgent"
        ASSESS = "assess"
        ANSWER = "answer"
        OTHER = "other"
        """It is another authority's."""

    key = models.CharField(max_length=64, primary_key=True)
    """Also the attribute `request` of its events, and part of its address."""
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="help_requests")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """The municipality that is asked."""
    asked_by = models.CharField(max_length=10, choices=Asker)
    channel = models.CharField(max_length=10, choices=Channel)
    asker = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Who asked, when they have a user; for a phone call, nobody."""
    asking = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    """The practice or hospital that asked."""
    letter = models.ForeignKey(StoredLetter, null=True, on_delete=models.PROTECT, related_name="+")
    """The message that asked."""
    event = models.CharField(max_length=128)
    """Id of the event help_requested."""
    at = models.BigIntegerField()
    """Microseconds since the epoch, as every instant here."""
    sorting = models.CharField(max_length=10, choices=Sorting, blank=True, default="")
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Who in the municipality has it."""
    answered = models.BigIntegerField(null=True)
    content = models.BinaryField()
    """Sealed JSON: text, and for somebody without a user name and phone."""

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "answered", "at"]),
            models.Index(fields=["asking", "at"]),
            models.Index(fields=["citizen", "at"]),
        ]


class HelpStep(models.Model):
    """One thing that was done about a request. Never changed."""

    class What(models.TextChoices):
        ASKED = "asked"
        SORTED = "sorted"
        TAKEN = "taken"
        """Somebody has it now."""
        ANSWERED = "answered"

    request = models.ForeignKey(HelpRequest, on_delete=models.PROTECT, related_name="steps", db_index=False)
    number = models.PositiveSmallIntegerField()
    at = models.BigIntegerField()
    what = models.CharField(max_length=10, choices=What)
    by = models.CharField(max_length=150)
    """User name."""
    by_name = models.CharField(max_length=200)
    sorting = models.CharField(max_length=10, choices=HelpRequest.Sorting, blank=True, default="")
    owner_name = models.CharField(max_length=200, blank=True, default="")
    content = models.BinaryField(null=True)
    """Sealed JSON: text, and for another authority which."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "number"], name="help_step_once")]
