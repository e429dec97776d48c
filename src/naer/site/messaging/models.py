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
    code = models.CharField(max_length=40, blank=True, default="")
    """HospitalNotification: the MedCom code. Every other: the standard's own type (LOG_INNLAGT, XDIS16 …)."""
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
    """ok, fatal-error or transient-error; for a Norwegian message ok, ok-with-errors or rejected."""
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
    """The outbox: written in the transaction that caused it, to be sent afterwards."""

    class State(models.TextChoices):
        WAITING = "waiting"
        """To be handed over, or to be tried again."""
        SENT = "sent"
        ACKNOWLEDGED = "acknowledged"
        REFUSED = "refused"
        LATE = "late"
        """Sent, and its receipt has not come in time; a late one is still taken."""
        FAILED = "failed"
        """On the dead-letter list, until a person sends it again or gives it up."""
        GIVEN_UP = "given-up"

    message_id = models.CharField(max_length=128)
    """The letter's identity: MessageHeader.id, MsgId; the same at every sending."""
    kind = models.CharField(max_length=40)
    """escalation, letter or notification."""
    standard = models.CharField(max_length=40, blank=True, default="", db_default="")
    type = models.CharField(max_length=40, blank=True, default="", db_default="")
    """The standard's own name: CARE_COMMUNICATION, XDIS16, LOG_INNLAGT …"""
    sender = models.CharField(max_length=64, blank=True, default="")
    receiver = models.CharField(max_length=64, blank=True, default="")
    """Organisation keys."""
    citizen = models.ForeignKey(Citizen, null=True, on_delete=models.PROTECT, db_index=False)
    pathway = models.CharField(max_length=128, blank=True, default="", db_default="")
    cause = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="answers")
    answers = models.CharField(max_length=128, blank=True, default="", db_default="")
    """Id of the message it answers."""
    obligation = models.CharField(max_length=300, blank=True, default="")
    """clause and trigger that it fulfils or reminds of."""
    event = models.CharField(max_length=128, blank=True, default="", db_default="")
    """Id of the event that it tells."""
    by = models.CharField(max_length=64, blank=True, default="", db_default="")
    """User or process that wrote it."""
    created = models.BigIntegerField()
    sent = models.BigIntegerField(null=True)
    """When it was first handed over."""
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    transport = models.CharField(max_length=20, blank=True, default="", db_default="")
    """file, http, local; empty while none is chosen."""
    bundle_id = models.CharField(max_length=128, blank=True, default="", db_default="")
    """Of the latest sending."""
    attempts = models.IntegerField(default=0, db_default=0)
    """Tries of the transport since it last worked."""
    resends = models.IntegerField(default=0, db_default=0)
    next_attempt = models.BigIntegerField(null=True)
    due = models.BigIntegerField(null=True)
    """When its receipt must be here."""
    last_error = models.CharField(max_length=300, blank=True, default="", db_default="")
    answered = models.BigIntegerField(null=True)
    answered_with = models.CharField(max_length=16, blank=True, default="", db_default="")
    """ok, fatal-error or transient-error; empty while no receipt has come."""
    answer = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="answered")
    """The receipt."""
    issues = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    """[{code, text, path, severity}] of the receipt."""
    closed = models.BigIntegerField(null=True)
    closed_by = models.CharField(max_length=64, blank=True, default="", db_default="")
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    """Why it was given up."""
    format = models.CharField(max_length=4, default="json")
    content = models.BinaryField()
    """The bytes as last sent, compressed and encrypted."""
    letter = models.BinaryField(null=True)
    """The letter they were written from, for another sending; packed as `letters.pack` does."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message_id", "receiver"], name="one_message_to_a_receiver")
        ]
        indexes = [
            models.Index(fields=["state", "next_attempt"]),
            models.Index(fields=["receiver", "state"]),
            models.Index(fields=["sender", "state"]),
            models.Index(fields=["citizen"]),
        ]


class Delivery(models.Model):
    """One try to hand a message over, or what somebody did about it. Append-only."""

    message = models.ForeignKey(OutgoingMessage, on_delete=models.PROTECT, related_name="deliveries")
    at = models.BigIntegerField()
    transport = models.CharField(max_length=20, blank=True, default="")
    target = models.CharField(max_length=300, blank=True, default="")
    """Folder or address, without secrets."""
    bundle_id = models.CharField(max_length=128, blank=True, default="")
    outcome = models.CharField(max_length=20)
    """delivered, failed, refused, resent, given-up or retried."""
    detail = models.CharField(max_length=300, blank=True, default="")
    by = models.CharField(max_length=64, blank=True, default="")


class Thread(models.Model):
    """A conversation about one citizen; what it shows is a function of its letters (`threads.shown`)."""

    key = models.CharField(max_length=140, primary_key=True)
    """Citizen and identifier: the same identifier about two citizens is two threads."""
    identifier = models.CharField(max_length=64)
    """As the messages name it."""
    standard = models.CharField(max_length=40)
    """Of the letter that was first here."""
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT)
    newest = models.BigIntegerField()
    """When its newest letter was sent."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["citizen", "identifier"], name="one_thread")]


class ThreadParty(models.Model):
    """An organisation that sent or received a letter of a thread, and how many it has not read."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="parties", db_index=False)
    organisation = models.CharField(max_length=64)
    """Its key; when it is not in the register, its id as sent."""
    unread = models.IntegerField(default=0)
    """Letters to it that nobody there has opened."""
    newest = models.BigIntegerField()
    """When its newest letter was sent."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "organisation"], name="party_once")]
        indexes = [models.Index(fields=["organisation", "-newest"])]


class StoredLetter(models.Model):
    """A letter that came in or went out: every message but notifications and receipts.

    One that was written here and came in here too (both parties in one installation) has two rows; one that
    came to several receivers here has a row for each.
    """

    incoming = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="letters")
    """The message it came in."""
    outgoing = models.ForeignKey(OutgoingMessage, null=True, on_delete=models.PROTECT, related_name="letters")
    """The message it went out in."""
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, db_index=False)
    thread = models.ForeignKey(Thread, null=True, on_delete=models.PROTECT, related_name="letters")
    message_id = models.CharField(max_length=128)
    content_hash = models.CharField(max_length=64, blank=True, default="")
    """Of the incoming message; empty for one that went out."""
    standard = models.CharField(max_length=40)
    type = models.CharField(max_length=40)
    sender = models.CharField(max_length=64, blank=True, default="")
    receiver = models.CharField(max_length=64, blank=True, default="")
    """Organisation keys, or the id as sent."""
    sent = models.BigIntegerField()
    """As it says itself, and at most `letters.AHEAD` after it came."""
    stored = models.BigIntegerField()
    """When it was received or written."""
    read = models.BigIntegerField(null=True)
    """When somebody of the receiver first opened it."""
    read_by = models.CharField(max_length=64, blank=True, default="")
    content = models.BinaryField()
    """`content.Letter` without the data of attachments, compressed and encrypted (`letters.pack`)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message_id", "content_hash", "receiver"],
                condition=models.Q(outgoing=None),
                name="letter_in_once",
            )
        ]
        indexes = [
            models.Index(fields=["citizen", "sent"]),
            models.Index(fields=["receiver", "read"]),
            models.Index(fields=["message_id"]),
        ]
