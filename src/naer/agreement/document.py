"""What a YAML document says, where every value knows its file and line."""

from collections.abc import Iterator, Mapping

import msgspec

Scalar = str | int | float | bool | None


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong, where, and what would be right."""

    file: str
    line: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {'warning: ' if self.warning else ''}{self.message}"


class AgreementError(ValueError):
    """An agreement that cannot be used; `problems` says why, line by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.file, problem.line))
        super().__init__("\n".join(map(str, self.problems)))


class Node(msgspec.Struct, frozen=True):
    """A YAML value with its place: a scalar, a mapping of key to Node, or a list of Nodes."""

    value: "Scalar | dict[str, Node] | list[Node]"
    file: str
    line: int

    @property
    def is_mapping(self) -> bool:
        """Whether the value is a mapping."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.value, list)

    def items(self) -> Mapping[str, "Node"]:
        """The mapping's entries; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def each(self) -> Iterator["Node"]:
        """The list's members, or the value itself when it is no list."""
        if isinstance(self.value, list):
            yield from self.value
        else:
            yield self

    def plain(self) -> object:
        """The value without places, as json would have it."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def problem(self, message: str, *, warning: bool = False) -> Problem:
        """A problem at this place."""
        return Problem(self.file, self.line, message, warning)
