"""Organisations in the register, the people who sign in for them, and how they did."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """A party: hospital, municipality or general practice, known by its register ids."""

    class Role(models.TextChoices):
        HOSPITAL = "hospital", _("Hospital")
        MUNICIPALITY = "municipality", _("Municipality")
        GP = "gp", _("General practice")
        OTHER = "other", _("Other")

    key = models.CharField(max_length=64, primary_key=True)
    """What events call it: the SOR id, else the location number, else a name made unique."""
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=Role)
    municipality = models.CharField(max_length=4, blank=True, default="", db_index=True)
    """Municipality code; for a hospital or practice, where it lies."""
    sor = models.CharField(max_length=20, unique=True, null=True)
    gln = models.CharField(max_length=13, unique=True, null=True)

    def __str__(self) -> str:
        return self.name


class Address(models.Model):
    """An id that messages name an organisation or one of its services by; an organisation has many."""

    class System(models.TextChoices):
        HER = "her", "HER"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="addresses")
    system = models.CharField(max_length=10, choices=System, default=System.HER)
    value = models.CharField(max_length=20)
    service = models.CharField(max_length=20, blank=True, default="")
    """Code of the service in list 8663 (KD0501, KP02 …); empty for the organisation as a whole."""
    name = models.CharField(max_length=200, blank=True, default="")
    """What the service is called."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "value"], name="address_is_of_one")]

    def __str__(self) -> str:
        return f"{self.get_system_display()} {self.value} {self.name}".rstrip()


class User(AbstractUser):
    """Somebody who signs in, with one role in one organisation."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Care coordinator")
        NURSE = "municipal_nurse", _("Municipal nurse")
        DISCHARGE = "discharge_nurse", _("Discharge nurse")
        GP = "gp", _("General practitioner")
        DIRECTOR = "director", _("Health director")
        ANALYST = "analyst", _("Analyst")
        ADMINISTRATOR = "administrator", _("Administrator")
        INTEGRATION = "integration", _("System integration")
        CITIZEN = "citizen", _("Citizen")
        RELATIVE = "relative", _("Next of kin")

    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT)
    role = models.CharField(max_length=20, choices=Role, default=Role.COORDINATOR)
    citizen = models.ForeignKey(
        "pathways.Citizen", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Whom a citizen's own user is about; nobody for everyone else."""
    language = models.CharField(max_length=2, blank=True, default="")
    is_demo = models.BooleanField(default=False)
    """Made by the demo; may be entered with one click, in demo mode only."""

    sessions_ended = models.BigIntegerField(null=True, blank=True)
    """When all sessions were last ended at once (µs); part of what a session is good for."""

    @property
    def name(self) -> str:
        """What people read: the full name, else the user name."""
        return self.get_full_name() or self.get_username()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is good for: another password, role, organisation or citizen ends it."""
        where = (self.organisation_id or "", self.citizen_id or "", str(self.sessions_ended or ""))
        basis = (self.password, self.role, *where)
        return salted_hmac(
            "naer.site.accounts.models.User", "\0".join(basis), secret=secret, algorithm="sha256"
        ).hexdigest()


class Identity(models.Model):
    """Who a provider of identities says a user is. Linked by its subject, never by an e-mail address.

    One that an administrator made for a person number has no subject until that person first signs in.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    provider = models.CharField(max_length=40)
    """Name of the provider's file."""
    subject = models.CharField(max_length=255, null=True)
    """The claim that names the person at the provider, for good."""
    number_index = models.CharField(max_length=64, null=True)
    """Keyed hash of the person number that is expected."""
    number_cipher = models.BinaryField(null=True)
    """That number, sealed."""
    made = models.BigIntegerField()
    used = models.BigIntegerField(null=True)
    """When it was last signed in with (µs)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="subject_is_of_one"),
            models.UniqueConstraint(fields=["provider", "number_index"], name="expected_once"),
        ]


class FailedSignIn(models.Model):
    """A sign-in that was tried and did not succeed; kept for a day, to be counted."""

    name = models.CharField(max_length=64)
    """Keyed hash of what was typed as user name: it may be anything, also a person number."""
    address = models.CharField(max_length=64)
    """Keyed hash of the network address it came from."""
    at = models.BigIntegerField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["name", "at"]), models.Index(fields=["address", "at"])]
