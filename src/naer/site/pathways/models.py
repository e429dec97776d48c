"""What is stored about citizens, their pathways and what is owed around them."""

from django.db import models

from naer.site.accounts.models import Organisation


class Citizen(models.Model):
    """A person with at least one case. Everything else refers to `key`, never to the person number."""

    key = models.CharField(max_length=64, primary_key=True)
    number_index = models.CharField(max_length=64, unique=True)
    """Keyed hash of the person number: finds a citizen, tells nothing."""
    number_cipher = models.BinaryField()
    """The person number, encrypted."""
    number_system = models.CharField(max_length=200, blank=True, default="", db_default="")
    """The register that gave it, as messages name it: FHN, DUF, a URN; empty for CPR, FNR and DNR."""
    name = models.CharField(max_length=200, blank=True, default="")
    born = models.DateField(null=True)
    municipality = models.CharField(max_length=4, db_index=True)
    """Code of the municipality of residence."""
    gp = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    status = models.CharField(max_length=16, default="none")
    """none, acute-ambulant, admitted, on-leave, discharged or deceased, from the effective log."""
    status_since = models.BigIntegerField(null=True)
    """Microseconds since the epoch."""
    provisional = models.BooleanField(default=False)
    """Made known by a message only: nobody has put the citizen into the register."""
    wake = models.BigIntegerField(null=True)
    """When the clock alone next changes the state: the earliest event that is not reached yet (S5)."""
    stage = models.CharField(max_length=12, blank=True, default="", db_default="")
    """How far the stay has come on its way home, see `naer.site.pathways.stage`; empty without one."""
    stage_since = models.BigIntegerField(null=True)
    stage_plan = models.BigIntegerField(null=True)
    """The next time that was named: expected ready, first possible, or agreed to leave (µs)."""
    stage_hospital = models.CharField(max_length=64, blank=True, default="", db_default="")
    """Key of the hospital of that stay."""

    class Meta:
        indexes = [
            models.Index(fields=["wake"], condition=models.Q(wake__isnull=False), name="citizen_wakes"),
            *(
                # In the order of the lists: of everybody, and of a practice, for who is known to have one.
                models.Index(fields=[*of, *fields, "key"], condition=among, name=f"citizen_{prefix}{name}")
                for prefix, of, among in (("", [], None), ("gp_", ["gp"], models.Q(gp__isnull=False)))
                for name, fields in (
                    ("staged", ["stage", "stage_since"]),
                    ("status", ["status", "-status_since"]),
                    ("name", ["name"]),
                )
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.key


class Former(models.Model):
    """Where a citizen belonged before: who owed and was owed then keeps it (S9)."""

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="former")
    until = models.BigIntegerField()
    """Microseconds since the epoch; what follows held from here on."""
    municipality = models.CharField(max_length=4)
    gp = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["citizen", "until"], name="one_move_at_a_time")]


class Case(models.Model):
    """The legal basis: an active case gives a municipality the right to keep a notification."""

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="cases", db_index=False)
    municipality = models.CharField(max_length=4)
    kind = models.CharField(max_length=40)
    """One of `legal_basis.CASES`, e.g. home-care."""
    opened = models.DateField()
    closed = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["citizen", "municipality"])]


class LoggedEvent(models.Model):
    """One row of the append-only log; the database refuses UPDATE and DELETE.

    `digest` is chained to the digest of the event before it in the pathway, so that a changed,
    removed or inserted row is found by `naer doctor`.
    """

    seq = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=128)
    pathway = models.CharField(max_length=128)
    citizen = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    at = models.BigIntegerField()
    sent = models.BigIntegerField(null=True)
    received = models.BigIntegerField()
    organisation = models.CharField(max_length=64, null=True)
    municipality = models.CharField(max_length=4, null=True)
    attributes = models.TextField(default="{}")
    """JSON object with sorted keys."""
    source = models.CharField(max_length=128)
    changes = models.CharField(max_length=128, null=True)
    place = models.IntegerField()
    """1, 2, 3 … within the pathway's chain; unique, so that a chain never forks."""
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pathway", "place"], name="one_chain_per_pathway")]
        indexes = [
            models.Index(fields=["citizen"]),
            models.Index(fields=["id"]),
            models.Index(fields=["changes"], condition=models.Q(changes__isnull=False), name="event_changes"),
        ]


class Anchor(models.Model):
    """A digest over the heads of all chains up to `seq`: what `naer doctor` compares with. Append-only."""

    at = models.DateTimeField()
    seq = models.BigIntegerField()
    chains = models.BigIntegerField()
    digest = models.CharField(max_length=64)


class Obligation(models.Model):
    """Who owes what to whom, by when: the stored result of the reference evaluator.

    `outcome` is what does not depend on the clock: empty while running, else kept, late, released,
    superseded, or "missing" for one that ended without delivery. Overdue is never stored; it is
    derived from `due` and the clock.
    """

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="obligations", db_index=False)
    pathway = models.CharField(max_length=128)
    agreement = models.CharField(max_length=100)
    version = models.DateField(null=True)
    """First day of the agreement version that judges it."""
    clause = models.CharField(max_length=100)
    trigger = models.CharField(max_length=128)
    """Id of the event that opened it; (clause, trigger) is the identity (S29)."""
    triggered_at = models.BigIntegerField()
    owed_by = models.CharField(max_length=64)
    owed_to = models.CharField(max_length=64)
    """Organisation keys, "citizen", or "unknown"; `owed_by_role` says the role."""
    owed_by_role = models.CharField(max_length=20, default="")
    owed_to_role = models.CharField(max_length=20, default="")
    start = models.BigIntegerField()
    due = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=12, blank=True, default="")
    closed_by = models.CharField(max_length=128, null=True)
    closed_at = models.BigIntegerField(null=True)
    elapsed = models.BigIntegerField(null=True)
    """Microseconds from start to delivery, less pauses."""
    paused = models.BigIntegerField(default=0)
    working = models.BigIntegerField(null=True)
    withdrawn = models.BooleanField(default=False)
    """Its trigger was cancelled: gone from every list and count, kept here (S29)."""
    updated = models.BigIntegerField(null=True)
    """When what is stored here last changed (µs); None for what has not since the column came."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "agreement", "clause", "trigger"], name="obligation_identity"
            )
        ]
        indexes = [
            models.Index(fields=["pathway"]),
            *(
                models.Index(
                    fields=[side, *fields],
                    condition=models.Q(outcome="", withdrawn=False, **narrower),
                    name=f"waits_{side}_{name}",
                )
                for side in ("owed_by", "owed_to")
                for name, fields, narrower in (
                    ("due", ["due", "start", "id"], {}),
                    ("open", ["start", "id"], {"due__isnull": True}),
                )
            ),
            models.Index(
                fields=["owed_by", "closed_at"],
                condition=models.Q(closed_at__isnull=False),
                name="obligation_closed",
            ),
        ]


class EscalationStep(models.Model):
    """One step of one obligation's escalation; fires once (S32)."""

    obligation = models.ForeignKey(Obligation, on_delete=models.CASCADE, related_name="steps", db_index=False)
    step = models.SmallIntegerField()
    at = models.BigIntegerField()
    to = models.CharField(max_length=40)
    """owed_by, owed_to, owed_by.leader or owed_to.leader."""
    fired_at = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["obligation", "step"], name="step_fires_once")]
        indexes = [models.Index(fields=["at"], condition=models.Q(fired_at=None), name="step_waits")]
