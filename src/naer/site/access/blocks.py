"""A citizen keeps an organisation out of their record, where the law lets them; and lets it in again."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.access.models import AccessEntry, Block
from naer.site.access.table import BLOCKING, Blocking
from naer.site.accounts.models import Organisation, User
from naer.site.pathways.models import Citizen, LoggedEvent


class BlockRefusedError(ValueError):
    """What was asked makes no sense as things stand; the text says why and may be shown."""


def law() -> Blocking | None:
    """What the law of the installation's country says of keeping organisations out; None: nothing known."""
    return BLOCKING.get(settings.COUNTRY)


def block(user: User, citizen: Citizen, organisation: str, *, now: Instant) -> Block:
    """Keep an organisation out from now on; it is told nothing, and finds nobody.

    What it owes is still judged, and what was written to it stays in its conversations.

    Raises:
        BlockRefusedError: when there is no such organisation, or the law does not let it be kept out.
        PermissionDenied: when `user` may not decide this for `citizen`.
    """
    found = Organisation.objects.filter(pk=organisation).first()
    allowed = law()
    if found is None or allowed is None or found.role not in allowed.roles:
        raise BlockRefusedError("this organisation cannot be kept out")
    with transaction.atomic():
        rules.look(user, citizen, "block", f"organisation {found.key}", now)
        made, _ = Block.objects.get_or_create(
            citizen=citizen, organisation=found, lifted=None, defaults={"since": now}
        )
    return made


def lift(user: User, citizen: Citizen, organisation: str, *, now: Instant) -> None:
    """Let an organisation in again; nothing happens when it was not kept out.

    Raises:
        PermissionDenied: when `user` may not decide this for `citizen`.
    """
    with transaction.atomic():
        rules.look(user, citizen, "block", f"organisation {organisation[:64]} let in", now)
        Block.objects.filter(citizen=citizen, organisation=organisation, lifted=None).update(lifted=now)


def of(citizen: Citizen) -> QuerySet[Block]:
    """Whom a citizen keeps out, by name."""
    return (
        Block.objects.filter(citizen=citizen, lifted=None)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


def offered(citizen: Citizen) -> QuerySet[Organisation]:
    """The organisations that had to do with a citizen and can be kept out, by name."""
    allowed = law()
    if allowed is None:
        return Organisation.objects.none()
    looked = AccessEntry.objects.filter(citizen=citizen.key).values("organisation")
    told = LoggedEvent.objects.filter(citizen=citizen.key, organisation__isnull=False).values("organisation")
    case = citizen.cases.values("municipality")
    of_theirs = Q(role=Organisation.Role.MUNICIPALITY, municipality__in=case) | Q(pk=citizen.gp_id or "")
    return (
        Organisation.objects.filter(Q(pk__in=looked) | Q(pk__in=told) | of_theirs, role__in=allowed.roles)
        .exclude(pk__in=of(citizen).order_by().values("organisation"))
        .order_by("name", "pk")
    )
