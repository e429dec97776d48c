"""Messages in and out, with what was answered."""

from django.db import models

from naer.site.pathways.models import Citizen


class Message(models.Model):
    """One message that came in. Without legal basis, and when refused, only the envelope is kept."""

    message_id = models.CharField(max_length=64, blank=True, default="")
    """MessageHeader.id: the letter's identity."""
    bundle_id = models.CharField(max_length=64, blank=True, default="")
    """Bundle.id: the transport's identity, new at every sending."""
    content_hash = models.CharField(max_length=64)
    """SHA-256 of the canonical content without Bundle.id and Bundle.timestamp."""
    standard = models.CharField(max_length=40)
    code = models.CharField(max_length=12, blank=True, default="")
    format = models.CharField(max_length=4)
    """json or xml."""
    channel = models.CharField(max_length=20)
    """http, upload, command or demo."""
    received = models.BigIntegerField(db_index=True)
    sent = models.BigIntegerField(null=True)
    sender = models.CharField(max_length=64, blank=True, default="")
    receiver = models.CharField(max_length=64, blank=True, default="")
    """Organisation keys, or the SOR id as sent."""
    acknowledgement = models.CharField(max_length=16)
    """ok, fatal-error or transient-error."""
    issues = models.JSONField(default=list)
    """[{code, text, path, severity}], the refusals."""
    flags = models.JSONField(default=list)
    """[{code, text, path}], where an accepted message departs from the standard."""
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="copies")
    shown = models.BooleanField(default=False)
    stored = models.BooleanField(default=False)
    """Whether its content was kept."""
    reason = models.CharField(max_length=40, blank=True, default="")
    """Why the content was not kept: no-legal-basis, refused, duplicate."""
    citizen = models.ForeignKey(Citizen, null=True, on_delete=models.PROTECT, db_index=False)
    pathway = models.CharField(max_length=128, blank=True, default="")
    event = models.CharField(max_length=128, blank=True, default="")
    """Id of the event it became."""
    content = models.BinaryField(null=True)
    """The message as received, compressed and encrypted."""
    answer = models.BinaryField(null=True)
    """The acknowledgement as sent, compressed and encrypted, so that a duplicate gets the same one."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message_id", "content_hash"],
                condition=models.Q(duplicate_of=None) & ~models.Q(message_id=""),
                name="first_copy_is_one",
            )
        ]
        indexes = [
            models.Index(fields=["message_id"]),
            models.Index(fields=["bundle_id"]),
            models.Index(fields=["citizen"]),
        ]


class OutgoingMessage(models.Model):
    """The outbox: written in the transaction that caused it, to be sent afterwards.

    No message network is connected yet, so that what is written here waits.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        ACKNOWLEDGED = "acknowledged"

    message_id = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=40)
    """escalation; nothing else is sent yet."""
    sender = models.CharField(max_length=64, blank=True, default="")
    receiver = models.CharField(max_length=64, blank=True, default="")
    citizen = models.ForeignKey(Citizen, null=True, on_delete=models.PROTECT)
    cause = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="answers")
    obligation = models.CharField(max_length=300, blank=True, default="")
    """clause and trigger that it fulfils or reminds of."""
    created = models.BigIntegerField()
    sent = models.BigIntegerField(null=True)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    format = models.CharField(max_length=4, default="json")
    content = models.BinaryField()
