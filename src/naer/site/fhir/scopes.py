"""SMART scopes of systems: `system/Task.read`, `system/*.write` … (SMART App Launch, scopes v1)."""

import re
from collections.abc import Iterable

SCOPE = re.compile(r"system/(\*|[A-Z][A-Za-z]{1,60})\.(read|write|\*)")


def listed(text: str) -> list[str]:
    """The scopes in a text with blanks between, each once."""
    return list(dict.fromkeys(text.split()))


def wrong(scopes: Iterable[str]) -> list[str]:
    """Those that are no scope of a system."""
    return [one for one in scopes if SCOPE.fullmatch(one) is None]


def granted(wanted: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """What of `wanted` a system that is allowed `allowed` gets; a wider one is cut down to what it has."""
    given: dict[str, None] = {}
    for one in wanted:
        asked = SCOPE.fullmatch(one)
        if asked is None:
            continue
        for other in allowed:
            held = SCOPE.fullmatch(other)
            common = held and _common(asked, held)
            if common:
                given[common] = None
    return list(given)


def _common(one: re.Match[str], other: re.Match[str]) -> str:
    """The scope that both cover; empty when there is none."""
    parts = []
    for mine, theirs in zip(one.groups(), other.groups(), strict=True):
        if mine != theirs and "*" not in (mine, theirs):
            return ""
        parts.append(theirs if mine == "*" else mine)
    return f"system/{parts[0]}.{parts[1]}"
