"""YAML 1.2, read into documents whose every value knows its file and line.

Scalars follow the core schema of YAML 1.2, so that `country: NO` is Norway, and a date stays text.
"""

from __future__ import annotations

import re
from pathlib import Path

from ruamel import yaml

from naer.agreement.document import AgreementError, Node, Problem, Scalar

_INTEGER = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_BRACKET = re.compile(r"[][{}]")
_MOST_DEEP = 50
_MOST_NODES = 200_000
_AGREEMENT = "an agreement starts with `agreement: its-id`"


def read(path: Path, wanted: str = _AGREEMENT) -> Node:
    """The document in a file; `wanted` is what is said of one where there is none.

    Raises:
        AgreementError: when the file cannot be read, is not YAML, or is empty.
    """
    return parse(text(path), str(path), wanted)


def text(path: Path) -> str:
    """What a file says.

    Raises:
        AgreementError: when it cannot be read or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AgreementError([Problem(str(path), 1, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise AgreementError([Problem(str(path), 1, "is not UTF-8 text; save it as UTF-8")]) from error


def parse(text: str, file: str, wanted: str = _AGREEMENT) -> Node:
    """The document in `text`; `file` is named in problems, `wanted` said where there is nothing.

    Raises:
        AgreementError: when it is not YAML, repeats a key, or is empty.
    """
    if _bracket_depth(text) > 2 * _MOST_DEEP:  # the YAML reader is slow on these
        raise AgreementError([Problem(file, 1, "nested too deeply to be an agreement")])
    try:
        root = yaml.YAML(pure=True).compose(text)
    except yaml.error.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise AgreementError(
            [Problem(file, line, f"not YAML: {_said(str(error.problem or error))}")]
        ) from error
    except yaml.error.YAMLError as error:
        said = " ".join(str(error).split())
        raise AgreementError([Problem(file, 1, f"not YAML: {said}")]) from error
    except RecursionError as error:
        raise AgreementError([Problem(file, 1, "nested too deeply to be an agreement")]) from error
    if root is None:
        raise AgreementError([Problem(file, 1, f"is empty; {wanted}")])
    return _Reader(file).node(root, 0)


def _bracket_depth(text: str) -> int:
    """How deep brackets and braces are nested, quoted ones counted too."""
    deepest = depth = 0
    for found in _BRACKET.finditer(text):
        depth += 1 if found.group() in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


_HINTS = {
    "'\\t'": "a tab stands where a space must be; indent with spaces",
    "mapping values are not allowed here": "a second `: ` in one line; put such a text in quotation marks",
    "but found another document": "a second document begins here; one file holds one agreement",
}


def _said(problem: str) -> str:
    """A problem of the YAML reader, in words for those who write agreements where we have them."""
    return next((hint for sign, hint in _HINTS.items() if sign in problem), problem)


class _Reader:
    """Turns composed YAML into Nodes, with a limit on size so that aliases cannot explode."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0

    def node(self, source: object, depth: int) -> Node:
        self.count += 1
        if depth > _MOST_DEEP or self.count > _MOST_NODES:
            raise AgreementError([Problem(self.file, 1, "too large or too deep to be an agreement")])
        if isinstance(source, yaml.nodes.ScalarNode):
            line = source.start_mark.line + 1
            return Node(_scalar(source.value, plain=not source.style), self.file, line)
        if isinstance(source, yaml.nodes.SequenceNode):
            members = [self.node(member, depth + 1) for member in source.value]
            return Node(members, self.file, source.start_mark.line + 1)
        assert isinstance(source, yaml.nodes.MappingNode)
        entries: dict[str, Node] = {}
        for key, value in source.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.nodes.ScalarNode):
                raise AgreementError([Problem(self.file, line, "a key must be a word")])
            if key.value in entries:
                raise AgreementError([Problem(self.file, line, f"`{key.value}` is given twice")])
            read = self.node(value, depth + 1)
            entries[str(key.value)] = Node(read.value, self.file, line)
        return Node(entries, self.file, source.start_mark.line + 1)


def _scalar(text: str, *, plain: bool) -> Scalar:
    """A scalar by YAML 1.2's core schema; a quoted one is text."""
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return float(text) if _FLOAT.match(text) else text
