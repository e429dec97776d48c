"""The same message once more: another Bundle.id and time, everything else as it was (handbook section 7).

The receiver knows it by its MessageHeader, so that it can tell a copy from news.
"""

from collections.abc import Callable

from naer.events.instant import Instant
from naer.messages.envelope import Format
from naer.messages.medcom.document import parse
from naer.messages.medcom.writing import moment, written


def again(data: bytes, form: Format, *, now: Instant, new_id: Callable[[], str]) -> tuple[bytes, str]:
    """The message to be sent anew at `now`, with its new Bundle.id.

    Raises:
        naer.messages.medcom.document.Unreadable: when `data` is no bundle.
    """
    bundle = parse(data, form)
    fresh = new_id()
    bundle["id"], bundle["timestamp"] = fresh, moment(now)
    return written(bundle, form), fresh
