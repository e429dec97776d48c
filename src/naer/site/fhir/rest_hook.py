"""Handing a notice to a subscriber: a call of its address (R4, rest-hook), with TLS checked and no redirects.

With a payload the resource is put to `endpoint/Type/id`; without one an empty POST says that there is news.
"""

import http.client
import ssl
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q

from naer.messages.fhir.subscription import JSON
from naer.site import clock
from naer.site.access import rules
from naer.site.fhir import bodies
from naer.site.fhir.models import Subscription
from naer.site.fhir.subscriptions import header_of, reachable
from naer.site.messaging.deadline import bound
from naer.site.messaging.models import OutgoingMessage
from naer.site.messaging.transport import Again, Handed, Never, Outcome

TIMEOUT_S = 15
"""Seconds that the subscriber may be silent."""
_ALTOGETHER_S = 45
"""Seconds that one call may take."""
_LONGEST_ANSWER = 100_000
_OVER = frozenset({404, 410})
"""Statuses that say that nobody takes notices there any more."""
Status = Subscription.Status


def deliver(message: OutgoingMessage, data: bytes) -> Outcome:
    """Try once. What the subscriber may not see any more is not sent."""
    row = (
        Subscription.objects.select_related("user")
        .filter(pk=message.answers.removeprefix("Subscription/"))
        .first()
    )
    if row is None or row.status == Status.OFF or not row.user.is_active:
        return Never("the subscription has ended")
    if not reachable(row.endpoint):
        return Never("the address is not listed in NAER_HOOK_HOSTS any more")
    citizen = message.citizen
    if citizen is not None and not rules.may_see(row.user, citizen, clock.now()):
        return Never("the subscriber may not see the citizen any more")
    outcome = _call(row, data)
    _remember(row, "" if isinstance(outcome, Handed) else outcome.detail)
    return outcome


def _call(row: Subscription, data: bytes) -> Outcome:
    parts = urlsplit(row.endpoint)
    path = parts.path.rstrip("/")
    method, headers = "POST", {**header_of(row), "User-Agent": "Naer", "Connection": "close"}
    if data:
        resource = bodies.parsed(data)
        path, method = f"{path}/{resource['resourceType']}/{resource['id']}", "PUT"
        headers["Content-Type"] = f"{JSON}; charset=utf-8"
    else:
        headers["Content-Length"] = "0"
    link = _open(parts.scheme, parts.hostname or "", parts.port)
    try:
        with bound(link, _ALTOGETHER_S):
            link.request(method, path or "/", data or None, headers)
            answer = link.getresponse()
            answer.read(_LONGEST_ANSWER)
    except ssl.SSLCertVerificationError as error:
        return Again(f"the certificate is not trusted: {error.verify_message}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Again(f"no answer: {type(error).__name__}")
    finally:
        link.close()
    if 200 <= answer.status < 300:
        return Handed(f"HTTP {answer.status}", final=True)
    if answer.status in _OVER:
        return Never(f"nobody takes notices there: HTTP {answer.status}")
    return Again(f"the subscriber answered HTTP {answer.status}")


def _open(scheme: str, host: str, port: int | None) -> Any:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)


def _remember(row: Subscription, error: str) -> None:
    """Show in the subscription whether its last notice got through; it goes on either way."""
    status = Status.ERROR if error else Status.ACTIVE
    running = Subscription.objects.filter(pk=row.pk, status__in=(Status.ACTIVE, Status.ERROR))
    running.exclude(Q(status=status) & Q(error=error)).update(status=status, error=error[:300])
