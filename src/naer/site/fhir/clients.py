"""Registering systems: each has an account of its organisation, keys, and the scopes it may ask for."""

from collections.abc import Callable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from naer.events.instant import Instant
from naer.site.accounts import enrol
from naer.site.accounts.enrol import UserRefusedError
from naer.site.fhir import keysets, scopes
from naer.site.fhir.keysets import KeySetError
from naer.site.fhir.models import Client, Token


class ClientRefusedError(ValueError):
    """What was asked of a system cannot be; the text says why and what to do."""


def add(
    name: str,
    organisation: str,
    role: str,
    wanted: Sequence[str],
    keys: str | bytes,
    *,
    now: Instant,
    new_id: Callable[[], str],
) -> Client:
    """A system that may sign in from now on. `organisation` is a key, SOR id or location number.

    Raises:
        ClientRefusedError: when organisation, role, scopes or keys are none.
    """
    key = new_id()
    kept, found = _scopes(wanted), _keys(keys)
    try:
        user = enrol.draft(f"system-{key}", name, role, organisation)
    except UserRefusedError as error:
        raise ClientRefusedError(str(error)) from error
    user.set_unusable_password()
    client = Client(key=key, name=name, user=user, scopes=" ".join(kept), keys=found, created=now)
    try:
        client.full_clean(exclude=["user"])
    except ValidationError as error:
        raise ClientRefusedError("; ".join(error.messages)) from error
    with transaction.atomic():
        user.save(force_insert=True)
        client.save(force_insert=True)
    return client


def change(key: str, wanted: Sequence[str] = (), keys: str | bytes | None = None) -> Client:
    """Give a system other scopes, other keys, or both; its tokens end, and it signs in anew.

    Raises:
        ClientRefusedError: when there is no such system, or scopes or keys are none.
    """
    with transaction.atomic():
        client = _client(key)
        if wanted:
            client.scopes = " ".join(_scopes(wanted))
        if keys is not None:
            client.keys = _keys(keys)
        client.save()
        Token.objects.filter(client=client).delete()
    return client


def close(key: str) -> tuple[Client, bool]:
    """Let a system sign in no more and end its tokens; and whether it could till now.

    Raises:
        ClientRefusedError: when there is no such system.
    """
    with transaction.atomic():
        client = _client(key)
        _, was_open = enrol.close(client.user.username)
        Token.objects.filter(client=client).delete()
    client.user.is_active = False
    return client, was_open


def still(told: str, key: str) -> frozenset[str]:
    """Those of the scopes `told` that a system has now: what was taken from it since is not lent any more."""
    found = Client.objects.filter(pk=key).values_list("scopes", flat=True).first()
    return frozenset(scopes.granted(scopes.listed(told), scopes.listed(found or "")))


def _client(key: str) -> Client:
    found = Client.objects.select_related("user").filter(pk=key).first()
    if found is None:
        raise ClientRefusedError(f"there is no system {key}; `naer client list` shows them")
    return found


def _scopes(wanted: Sequence[str]) -> list[str]:
    kept = [scope for one in wanted for scope in scopes.listed(one)]
    bad = scopes.wrong(kept)
    if bad:
        raise ClientRefusedError(f"{bad[0]} is no scope; write as system/Task.read or system/*.write")
    if not kept:
        raise ClientRefusedError("a system without a scope can do nothing; give --scope")
    return kept


def _keys(keys: str | bytes) -> dict[str, object]:
    try:
        return keysets.read(keys)
    except KeySetError as error:
        raise ClientRefusedError(str(error)) from error
