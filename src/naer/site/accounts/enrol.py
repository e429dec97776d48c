"""People and systems that sign in: making their users, and closing them."""

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from naer.messages import person_number
from naer.site.access import rules
from naer.site.accounts import lockout
from naer.site.accounts.models import Organisation, User
from naer.site.pathways import numbers
from naer.site.pathways.models import Citizen

AT_HOME = (User.Role.CITIZEN, User.Role.RELATIVE)
"""Roles of people who sign in for no organisation."""

_OPTIONS = {"username": "--name", "first_name": "--full-name", "last_name": "--full-name"}
"""Fields of a user → what they are called at `naer user add`."""


class UserRefusedError(ValueError):
    """What was asked of a user cannot be; the text says why and what to do, without a password."""


def draft(
    username: str,
    full_name: str,
    role: str,
    organisation: str = "",
    language: str = "",
    *,
    citizen: Citizen | None = None,
) -> User:
    """A user that may be stored, as yet without a password.

    The last word of the full name is the last name. `organisation` is a key, SOR id or location number: of
    everybody but citizens and next of kin. `citizen` is whom a citizen's own user is about.

    Raises:
        UserRefusedError: when there is such a user, there is no such organisation, or the role is of no
            use there.
    """
    if person_number.resembles(username):
        raise UserRefusedError("--name looks like a person number, and would stand in logs; choose another")
    if User.objects.filter(username__iexact=username).exists():
        raise UserRefusedError(f"there is a user {username} already; `naer user list` shows them")
    party = _workplace(role, organisation)
    if role == User.Role.CITIZEN:
        if citizen is None:
            raise UserRefusedError("a citizen's own user needs the citizen: give --citizen-stdin")
        if User.objects.filter(citizen=citizen, role=role, is_active=True).exists():
            raise UserRefusedError("the citizen has a user already; `naer user list` shows them")
        full_name = full_name or citizen.name
    elif citizen is not None:
        raise UserRefusedError("--citizen-stdin goes with --role citizen only")
    if not full_name.strip():
        raise UserRefusedError("--full-name is empty; write the name that colleagues and the trace show")
    first, _, last = " ".join(full_name.split()).rpartition(" ")
    user = User(
        username=username,
        first_name=first or last,
        last_name=last if first else "",
        role=role,
        organisation=party,
        citizen=citizen,
        language=language,
    )
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        told = "; ".join(f"{_OPTIONS.get(k, k)}: {' '.join(v)}" for k, v in error.message_dict.items())
        raise UserRefusedError(told) from error
    return user


def _workplace(role: str, organisation: str) -> Organisation | None:
    """Where somebody of a role works; nowhere for citizens and next of kin.

    Raises:
        UserRefusedError: when there is no such organisation, or the role is of no use there.
    """
    if role in AT_HOME:
        if organisation:
            raise UserRefusedError(f"a {role} works for no organisation; leave --organisation out")
        return None
    if not organisation:
        raise UserRefusedError(f"a {role} needs --organisation; `naer organisation list` shows them")
    party = _organisation(organisation)
    needed = {of for of, relation in rules.RELATION.items() if (role, relation) in rules.TABLE}
    if needed and party.role not in needed:
        where = " or ".join(sorted(Organisation.Role(one).value for one in needed))
        raise UserRefusedError(
            f"a {role} works in a {where}, and {party.name} is a {party.role}: nobody would be seen there. "
            "Name another --organisation or --role; `naer organisation list` shows the organisations"
        )
    return party


def citizen(number: str) -> Citizen:
    """The citizen with a person number.

    Raises:
        UserRefusedError: when the register has none. The text holds no number.
    """
    found = numbers.find_typed(number)
    if found is None:
        raise UserRefusedError(
            "no citizen in the register has that person number; `naer citizen add` adds one"
        )
    return found


def _organisation(text: str) -> Organisation:
    """The organisation with that key, else SOR id, else location number."""
    found = Organisation.objects.filter(pk=text).first()
    found = found or Organisation.objects.filter(Q(sor=text) | Q(gln=text)).first()
    if found is None:
        raise UserRefusedError(
            f"no organisation has the key, SOR id or location number {text}; "
            "`naer organisation list` shows them, `naer organisation add` adds one"
        )
    return found


def admit(user: User, password: str | None) -> User:
    """Store a drafted user with a password, of which only a hash is kept; None lets nobody in with one.

    Raises:
        UserRefusedError: when the password is too weak, or somebody took the user name meanwhile.
    """
    _set_password(user, password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise UserRefusedError(f"there is a user {user.username} already") from error
    return user


def _set_password(user: User, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise UserRefusedError(f"choose another password: {' '.join(error.messages)}") from error
    user.set_password(password)


def close(username: str) -> tuple[User, bool]:
    """Let a user sign in no more, and end the sessions; and whether the user was open till now.

    Raises:
        UserRefusedError: when there is no such user.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(username=username).first()
        if user is None:
            raise UserRefusedError(f"there is no user {username}; `naer user list` shows them")
        was_open = user.is_active
        user.is_active = False
        user.save(update_fields=["is_active"])
        ended = [
            session.session_key
            for session in Session.objects.iterator()
            if session.get_decoded().get("_auth_user_id") == str(user.pk)
        ]
        Session.objects.filter(session_key__in=ended).delete()
    return user, was_open


def unlock(username: str) -> tuple[User, int]:
    """Let somebody who is locked out try again at once; and how many failed sign-ins are forgotten.

    Raises:
        UserRefusedError: when there is no such user.
    """
    user = _user(username)
    return user, lockout.unlock(user.username)


def renew(username: str, password: str) -> User:
    """Give a user another password; the sessions end, and a lock-out with them.

    Raises:
        UserRefusedError: when there is no such user, or the password is too weak.
    """
    user = _user(username)
    _set_password(user, password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        lockout.unlock(user.username)
    return user


def _user(username: str) -> User:
    found = User.objects.filter(username=username).first()
    if found is None:
        raise UserRefusedError(f"there is no user {username}; `naer user list` shows them")
    return found
