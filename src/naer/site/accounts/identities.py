"""Who signs in through a provider: the user that an identity is linked with, or one made for it.

Linking goes by the provider's subject, for good. A person number links once: a citizen's own, or one that an
administrator said. An e-mail address links nobody.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from naer.events.instant import Instant
from naer.messages import person_number
from naer.site.accounts import trace
from naer.site.accounts.enrol import UserRefusedError
from naer.site.accounts.models import Identity, Organisation, User
from naer.site.accounts.providers import Provider
from naer.site.pathways import numbers


class UnknownIdentityError(Exception):
    """Nobody here is linked with an identity, or their user is closed; says no claim."""

    def __init__(self, closed: bool = False) -> None:
        super().__init__("the user is closed" if closed else "nobody is linked with that identity")
        self.closed = closed


def user_of(
    provider: Provider, claims: Mapping[str, Any], *, now: Instant, new_id: Callable[[], str]
) -> User:
    """Whose identity the claims of a provider are; made now where the provider's file admits it.

    Where the provider decides about roles, the user gets the role and organisation that it says now; without
    one that is known here nobody gets in.

    Raises:
        UnknownIdentityError: when nobody is linked, and nobody is to be made.
    """
    try:
        return _user_of(provider, claims, now, new_id)
    except IntegrityError:  # made at the same time by another request of theirs: it is there now
        return _user_of(provider, claims, now, new_id)


def _user_of(provider: Provider, claims: Mapping[str, Any], now: Instant, new_id: Callable[[], str]) -> User:
    with transaction.atomic():
        rows = Identity.objects.select_related("user")
        found = rows.filter(provider=provider.name, subject=claims["sub"]).first()
        found = found or _expected(provider, claims, now) or _made(provider, claims, now, new_id)
        if found is None:
            raise UnknownIdentityError
        if not found.user.is_active:
            raise UnknownIdentityError(closed=True)
        if "staff" in provider.admits and found.user.role not in (User.Role.CITIZEN, User.Role.RELATIVE):
            _follow(found.user, provider, claims)
        Identity.objects.filter(pk=found.pk).update(used=now)
    return found.user


def _expected(provider: Provider, claims: Mapping[str, Any], now: Instant) -> Identity | None:
    """The identity that an administrator made for this person number; from now on it has its subject."""
    number = _number(provider, claims)
    if not number:
        return None
    rows = Identity.objects.select_for_update(of=("self",)).select_related("user")
    found = rows.filter(
        provider=provider.name, subject=None, number_index__in=numbers.indices(number)
    ).first()
    if found is not None:
        found.subject = str(claims["sub"])
        found.save(update_fields=["subject"])
        trace.leave(found.user, "linked", f"{provider.name}, by person number", now)
    return found


def _made(
    provider: Provider, claims: Mapping[str, Any], now: Instant, new_id: Callable[[], str]
) -> Identity | None:
    """A user made for somebody whom the provider's file admits, with the identity."""
    user = _citizens(provider, claims, new_id) if "citizen" in provider.admits else None
    if user is None and "staff" in provider.admits:
        user = _staff(provider, claims, new_id)
    if user is None:
        return None
    made = Identity.objects.create(user=user, provider=provider.name, subject=claims["sub"], made=now)
    trace.leave(user, "linked", f"{provider.name}, at the first sign-in", now)
    return made


def _citizens(provider: Provider, claims: Mapping[str, Any], new_id: Callable[[], str]) -> User | None:
    """The own user of the citizen with the person number; made when there is none."""
    number = _number(provider, claims)
    citizen = numbers.find(number) if number else None
    if citizen is None:
        return None
    own = User.objects.filter(citizen=citizen, role=User.Role.CITIZEN).order_by("-is_active", "pk").first()
    return own or _new(
        "citizen", User.Role.CITIZEN, citizen.name or _name(provider, claims), new_id, citizen=citizen
    )


def _staff(provider: Provider, claims: Mapping[str, Any], new_id: Callable[[], str]) -> User | None:
    """Somebody of an organisation and in a role that are known here."""
    role, party = _place(provider, claims)
    if role is None or party is None:
        return None
    return _new(provider.name, role, _name(provider, claims), new_id, organisation=party)


def _follow(user: User, provider: Provider, claims: Mapping[str, Any]) -> None:
    """Bring role, organisation and name to what the provider says; other sessions end with the old role.

    Raises:
        UnknownIdentityError: when it says no role or organisation that is known here.
    """
    role, party = _place(provider, claims)
    if role is None or party is None:
        raise UnknownIdentityError
    user.role, user.organisation = role, party
    user.first_name, user.last_name = _names(_name(provider, claims) or user.get_full_name())
    user.save(update_fields=["role", "organisation", "first_name", "last_name"])


def _new(prefix: str, role: str, name: str, new_id: Callable[[], str], **more: Any) -> User:
    first, last = _names(name)
    user = User(username=f"{prefix}-{new_id()[:13]}", first_name=first, last_name=last, role=role, **more)
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


def _place(provider: Provider, claims: Mapping[str, Any]) -> tuple[str | None, Organisation | None]:
    """Role and organisation that the claims say; of several roles the first that the file lists."""
    said = set(_texts(claims.get(provider.claims.role))) if provider.claims.role else set()
    role = next((here for value, here in provider.roles.items() if value in said), None)
    ids = _texts(claims.get(provider.claims.organisation)) if provider.claims.organisation else []
    for one in ids:
        key = provider.organisations.get(one, "" if provider.organisations else one)
        party = Organisation.objects.filter(Q(pk=key) | Q(sor=key) | Q(gln=key)).first() if key else None
        if party is not None:
            return role, party
    return role, None


def _number(provider: Provider, claims: Mapping[str, Any]) -> str:
    """The person number that the claims say; empty when they say none, or what cannot be one."""
    value = claims.get(provider.claims.number) if provider.claims.number else None
    if not isinstance(value, str) or person_number.kind(value) is None:
        return ""
    return person_number.clean(value)


def _name(provider: Provider, claims: Mapping[str, Any]) -> str:
    value = claims.get(provider.claims.name) if provider.claims.name else ""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    return "" if any(not one.isprintable() for one in words) else words[:200]


def _names(name: str) -> tuple[str, str]:
    first, _, last = name.rpartition(" ")
    return (first or last)[:150], (last if first else "")[:150]


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]


# ------------------------------------------------------------------ by an administrator


def link(username: str, provider: Provider, *, subject: str = "", number: str = "", now: Instant) -> User:
    """Let a user sign in through a provider: as its `subject`, or as whoever has a person number there.

    Raises:
        UserRefusedError: when there is no such user, the number is none, or another user has that identity.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise UserRefusedError(f"there is no user {username}; `naer user list` shows them")
    if number and person_number.kind(number) is None:
        raise UserRefusedError("that is no person number")
    if number and not provider.claims.number:
        raise UserRefusedError(f"{provider.name} tells no person number; give --subject")
    own = Identity(user=user, provider=provider.name, subject=subject or None, made=now)
    taken = Q(subject=subject) if subject else Q(number_index__in=numbers.indices(number))
    if number:
        own.number_index, own.number_cipher = numbers.index(number), numbers.seal(person_number.clean(number))
    try:
        with transaction.atomic():
            if Identity.objects.filter(taken, provider=provider.name).exists():
                raise UserRefusedError(f"that identity of {provider.name} is linked with a user already")
            own.save()
    except IntegrityError:
        raise UserRefusedError(f"that identity of {provider.name} is linked with a user already") from None
    return user


def unlink(username: str, provider: str, now: Instant) -> int:
    """Take a user's identities at a provider away, and end the sessions; how many there were."""
    with transaction.atomic():
        gone, _ = Identity.objects.filter(user__username=username, provider=provider).delete()
        User.objects.filter(username=username).update(sessions_ended=now)
    return gone


def end_sessions(provider: str, subject: str, now: Instant) -> int:
    """End all sessions of whom a provider signed out; how many users that are."""
    users = Identity.objects.filter(provider=provider, subject=subject).values("user")
    return User.objects.filter(pk__in=users).update(sessions_ended=now)
