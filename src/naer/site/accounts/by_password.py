"""Signing in with user name and password, and what is counted of it."""

from naer.events.instant import Instant, from_datetime
from naer.site.accounts import lockout, trace
from naer.site.accounts.forms import SignInForm
from naer.site.accounts.models import User


def sign_in(form: SignInForm, address: str, now: Instant) -> tuple[User | None, int]:
    """Whose user name and password a form holds, and how many tries failed elsewhere since the last time.

    Raises:
        LockedOutError: when there were too many tries; the password is not looked at.
    """
    name = str(form.data.get("username", ""))[:1000]
    if not name.strip() or not form.data.get("password"):
        form.full_clean()
        return None, 0
    tried = lockout.begin(name, address, now)
    if not form.is_valid():
        if tried.last and (known := User.objects.filter(username__iexact=name.strip()).first()):
            trace.leave(known, "locked-out", "too many failed sign-ins", now)
        return None, 0
    user = form.get_user()
    assert isinstance(user, User)
    since = from_datetime(user.last_login) if user.last_login else None
    return user, lockout.succeeded(tried, since)
