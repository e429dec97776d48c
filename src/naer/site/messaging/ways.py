"""Which way a message leaves: the connection that is configured, else, in the demo, the way back in."""

from collections.abc import Iterable

from django.conf import settings

from naer.site.accounts.models import Organisation
from naer.site.messaging.connections import Connection, choose

LOCAL = Connection("*", "local")
"""Both parties are in this installation: the message comes in through the intake."""


def way(standard: str, receiver: str) -> Connection | None:
    """The connection for a message to the organisation `receiver`; None when there is none.

    Without one, a demo hands messages between the organisations of its own register, so that both sides can
    be tried; a real installation never does so by itself.

    Raises:
        WrongConnectionsError: when the file of connections cannot be used.
    """
    found = choose(standard, ids(receiver))
    if found is None and settings.MODE in ("demo", "test") and _known(receiver):
        return LOCAL
    return found


def ids(key: str) -> frozenset[str]:
    """Everything that an organisation is called: key, SOR id, location number, HER ids."""
    known = Organisation.objects.filter(pk=key).prefetch_related("addresses").first()
    if known is None:
        return frozenset({key})
    names: Iterable[str | None] = (known.sor, known.gln, *(one.value for one in known.addresses.all()))
    return frozenset({key, *(name for name in names if name)})


def _known(key: str) -> bool:
    return Organisation.objects.filter(pk=key).exists()
