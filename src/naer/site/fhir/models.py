"""What the FHIR interface stores of its own: systems and their tokens, observations, jobs, subscriptions."""

from django.db import models

from naer.site.accounts.models import User
from naer.site.pathways.models import Citizen


class Client(models.Model):
    """A system that signs in with a key of its own (SMART backend services) and acts as an account."""

    key = models.CharField(max_length=64, primary_key=True)
    """Its client_id."""
    name = models.CharField(max_length=200)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="system")
    """The account it acts as: organisation and role, no password. Closed, it lets the system in no more."""
    scopes = models.TextField()
    """The scopes it may ask for, blanks between."""
    keys = models.JSONField(default=dict)
    """Its JWK Set: public keys only."""
    created = models.BigIntegerField()


class Assertion(models.Model):
    """An assertion that was used: the same one lets nobody in again."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, db_index=False)
    jti = models.CharField(max_length=64)
    """SHA-256 of the assertion's `jti`."""
    expires = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "jti"], name="assertion_once")]


class Token(models.Model):
    """An access token, known by its hash alone."""

    digest = models.CharField(max_length=64, primary_key=True)
    """SHA-256 of the token."""
    client = models.ForeignKey(Client, on_delete=models.CASCADE)
    scopes = models.TextField()
    issued = models.BigIntegerField()
    expires = models.BigIntegerField(db_index=True)


class StoredObservation(models.Model):
    """An observation that a system or person wrote: the resource as it came, sealed."""

    key = models.CharField(max_length=64, primary_key=True)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, db_index=False)
    at = models.BigIntegerField()
    """When it was made; when it was stored, where it does not say."""
    stored = models.BigIntegerField(db_index=True)
    organisation = models.CharField(max_length=64, blank=True, default="")
    by = models.CharField(max_length=150)
    identifier = models.CharField(max_length=64, blank=True, default="")
    """SHA-256 of the first identifier and the organisation: the same observation is stored once."""
    code = models.CharField(max_length=200, blank=True, default="")
    """`system|code` of its first coding."""
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identifier"], condition=~models.Q(identifier=""), name="observation_once"
            )
        ]
        indexes = [models.Index(fields=["citizen", "at"])]


class Job(models.Model):
    """Something that is asked for now and done later: an export or an import."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    key = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=10)
    """export or import."""
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    client = models.CharField(max_length=64, blank=True, default="")
    scopes = models.TextField(null=True)
    """Scopes of the token that asked; None for somebody signed in."""
    request = models.TextField()
    """The address that was asked, as the manifest must repeat it."""
    base = models.TextField()
    """The address that the interface lay under."""
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created = models.BigIntegerField(db_index=True)
    started = models.BigIntegerField(null=True)
    finished = models.BigIntegerField(null=True)
    progress = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["state", "created"])]


class JobFile(models.Model):
    """A file of a job: NDJSON, compressed and sealed. `side` is input, output or error."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="files", db_index=False)
    number = models.IntegerField()
    side = models.CharField(max_length=6)
    type = models.CharField(max_length=40)
    """The resource type in it."""
    count = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="job_file_once")]


class Subscription(models.Model):
    """Who is told when a resource that meets a search is new or changed (R4, rest-hook)."""

    class Status(models.TextChoices):
        REQUESTED = "requested"
        ACTIVE = "active"
        ERROR = "error"
        OFF = "off"

    key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    client = models.CharField(max_length=64, blank=True, default="")
    scopes = models.TextField(null=True)
    criteria = models.TextField()
    reason = models.TextField()
    endpoint = models.TextField()
    header = models.BinaryField(null=True)
    """What is sent with every notice, sealed: it may hold a secret."""
    payload = models.CharField(max_length=60, blank=True, default="")
    """application/fhir+json sends the resource; empty sends nothing but the call."""
    base = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    error = models.CharField(max_length=300, blank=True, default="")
    end = models.BigIntegerField(null=True)
    created = models.BigIntegerField()
    changed = models.BigIntegerField()
    events = models.BigIntegerField(default=0)
    """The log was looked at up to this row."""
    newest = models.BigIntegerField(default=0)
    """The newest row at the last look: what follows `events` up to here is looked at once more, as a slower
    transaction may bring a row late."""
    looked = models.BigIntegerField(default=0)
    """When it was last looked for what is stored beside the log, microseconds."""

    class Meta:
        indexes = [models.Index(fields=["status"])]


class Known(models.Model):
    """A resource that a subscriber knows, and in which version: told again only when that changes."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, db_index=False)
    resource = models.CharField(max_length=110)
    """Type/id."""
    version = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "resource"], name="known_once")]
