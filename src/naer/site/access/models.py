"""The trace of every look and every write: who, what, why, when. Append-only."""

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

    class Meta:
        indexes = [models.Index(fields=["citizen", "at"])]
