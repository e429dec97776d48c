"""What somebody was told, how they want to be told, and the e-mails that left because of it."""

from django.db import models

from naer.site.accounts.models import User
from naer.site.pathways.models import Citizen, Obligation


class Preference(models.Model):
    """How one person wants to be told; without a row the defaults hold."""

    class Email(models.TextChoices):
        NEVER = "never"
        SOON = "soon"
        DAILY = "daily"

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="told_how")
    email = models.CharField(max_length=8, choices=Email, default=Email.SOON)
    daily_at = models.PositiveSmallIntegerField(default=7 * 60)
    """Minute of the local day at which a daily e-mail leaves."""
    quiet_from = models.PositiveSmallIntegerField(default=18 * 60)
    quiet_until = models.PositiveSmallIntegerField(default=7 * 60)
    """No e-mail from one minute of the local day until the other; none are quiet when they are the same."""
    leads = models.BooleanField(default=False)
    """Told of what an agreement takes to the leader."""
    muted = models.CharField(max_length=300, blank=True, default="")
    """Kinds that are told in the app only, with a space between."""


class Mail(models.Model):
    """One e-mail to one person, about everything that was new then."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DROPPED = "dropped"
        """Everything in it was read before it left."""
        REFUSED = "refused"
        """The mail server does not take this address."""
        FAILED = "failed"
        """Tried for a day."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    made = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    next_at = models.BigIntegerField()
    """When it is tried, or tried again, if nobody else does."""
    tries = models.PositiveSmallIntegerField(default=0)
    closed = models.BigIntegerField(null=True)
    detail = models.CharField(max_length=100, blank=True, default="")
    """What the mail server said: a code; never an address."""

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="waiting"), name="mail_waits"),
            models.Index(fields=["user", "-made"], name="mail_of_user"),
        ]


class Unconfirmed(models.Model):
    """An address that somebody gave and has not shown to be theirs: nothing but a code is sent there."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="unconfirmed")
    address = models.EmailField(max_length=254)
    since = models.BigIntegerField()
    """When it was given; part of what the code is made from."""
    next_at = models.BigIntegerField(null=True)
    """When the code is sent, or sent again; None: it was."""
    tries = models.PositiveSmallIntegerField(default=0)
    sent = models.BigIntegerField(null=True)
    """When the mail server took the code."""


class Notification(models.Model):
    """One person was told one thing, once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    """One of `notifications.kinds.KINDS`."""
    thing = models.CharField(max_length=150)
    """What it is about, so that nobody is told it twice."""
    at = models.BigIntegerField()
    citizen = models.ForeignKey(
        Citizen, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    obligation = models.ForeignKey(Obligation, null=True, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=100, blank=True, default="")
    """What the address of the kind needs beside the citizen: a key."""
    read = models.BigIntegerField(null=True)
    mail = models.ForeignKey(Mail, null=True, on_delete=models.SET_NULL, related_name="tells")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "thing"], name="told_once")]
        indexes = [
            models.Index(fields=["user", "-at"], name="told_of_user"),
            models.Index(fields=["user"], condition=models.Q(read=None), name="told_unread"),
            models.Index(fields=["at"], condition=models.Q(read=None, mail=None), name="told_to_mail"),
        ]


class Gathered(models.Model):
    """How far a source of news has been read."""

    source = models.CharField(max_length=40, primary_key=True)
    upto = models.BigIntegerField(default=0)
