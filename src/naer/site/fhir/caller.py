"""Who asks the FHIR interface: somebody signed in, or a system with a token; and what they may do.

A system acts through an account (`User`) of its organisation, with a role: the same care relations decide
for it as for people, and the trace names it. Its scopes narrow that further; they never widen it.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from naer.events.instant import Instant
from naer.site.accounts.models import User
from naer.site.fhir.answers import Refused
from naer.site.ui.requests import now_of

READ, WRITE = "read", "write"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `user` decides what may be seen, by `access.rules`.

    `scopes` are SMART scopes (`system/Task.read`, `system/*.*` …); None for somebody signed in, whose role
    alone decides. `client` is the id of the system's registration, empty for a person.
    """

    user: User
    scopes: frozenset[str] | None = None
    client: str = ""

    def allowed(self, kind: str, access: str) -> bool:
        """Whether the scopes allow `access` (read or write) to resources of type `kind`."""
        if self.scopes is None:
            return True
        return any(f"system/{type_}.{way}" in self.scopes for type_ in (kind, "*") for way in (access, "*"))

    def require(self, kind: str, access: str) -> None:
        """Check the scopes.

        Raises:
            Refused: 403, with the scope that is missing.
        """
        if not self.allowed(kind, access):
            headers = {
                "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="system/{kind}.{access}"'
            }
            raise Refused(
                403, "forbidden", f"the token lacks the scope system/{kind}.{access}", headers=headers
            )


def who(request: HttpRequest) -> Caller:
    """Who asks.

    A request with an Authorization header stands or falls by it; one without, by its session. A session may
    write only with form protection, as any form.

    Raises:
        Refused: 401 when it is nobody known; 403 for a session's write without form protection.
    """
    given = request.headers.get("Authorization", "")
    if given:
        scheme, _, token = given.partition(" ")
        found = by_token(token.strip(), now_of(request)) if scheme.lower() == "bearer" else None
        if found is None:
            raise Refused(
                401,
                "login",
                "the token is unknown, expired or withdrawn",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        return found
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        raise Refused(
            401, "login", "sign in, or send Authorization: Bearer", headers={"WWW-Authenticate": "Bearer"}
        )
    searches = request.method == "POST" and request.path.endswith("/_search")
    if request.method not in ("GET", "HEAD", "OPTIONS") and not searches:
        _protected(request)
    return Caller(user)


def by_token(token: str, now: Instant) -> Caller | None:
    """The system that a token was given to; None when it is not good at `now`."""
    from naer.site.fhir import tokens

    return tokens.caller(token, now)


def _nothing(_: HttpRequest) -> HttpResponse:
    raise AssertionError("never called: only its protection is asked for")


class _Protection(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:  # noqa: ARG002
        raise Refused(403, "forbidden", "a session writes only with form protection (X-CSRFToken)")


def _protected(request: HttpRequest) -> None:
    _Protection(_nothing).process_view(request, _nothing, (), {})
