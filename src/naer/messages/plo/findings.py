"""What was found wrong while a Norwegian message was read: refusals, unusable parts and flags, bounded."""

import re

from naer.messages.envelope import Issue, flag

MAX_FINDINGS = 50
MAX_ID = 64
"""Longest message id that is kept; the schema allows any text, a UUID has 36 characters."""

_ID = re.compile(r"[!-~\u00a0-\U0010ffff]{1,64}")


class Findings:
    """Refusals (`issues`), what could not be used (`partial`) and tolerated departures (`flags`).

    The codes of the first two are those of the application receipt (list 8221); a flag is for people here.
    """

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.partial: list[Issue] = []
        self.flags: list[Issue] = []

    def refuse(self, code: str, text: str, path: str = "") -> None:
        if len(self.issues) < MAX_FINDINGS:
            self.issues.append(Issue(code, text, path))

    def unusable(self, code: str, text: str, path: str = "") -> None:
        if len(self.partial) < MAX_FINDINGS:
            self.partial.append(Issue(code, text, path))

    def flag(self, code: str, text: str, path: str = "") -> None:
        found = flag(code, text, path)
        if len(self.flags) < MAX_FINDINGS and found not in self.flags:
            self.flags.append(found)


def is_id(text: str) -> bool:
    """Whether a text can be kept as an id: up to 64 characters, all visible."""
    return text.isprintable() and _ID.fullmatch(text) is not None
