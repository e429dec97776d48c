"""The documents of agreements, put together: versions by date, each merged with what it extends."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from msgspec.structs import replace

from naer.agreement import kept, overlay, reading_yaml
from naer.agreement.document import AgreementError, Node, Problem
from naer.agreement.language import Agreement
from naer.agreement.loader import LIBRARY, files
from naer.agreement.portfolio import Line, Portfolio, both_apply, related
from naer.agreement.reading import agreement as read_agreement
from naer.agreement.reading_values import Notes

_ONE_DAY = dt.timedelta(days=1)


class Shelf:
    """The documents found so far, by agreement id."""

    def __init__(self, folders: Sequence[Path], *, keep: bool = False) -> None:
        self.keep = keep
        self.folders = list(dict.fromkeys(folders))
        self.documents: dict[str, list[Node]] = {}
        self._files: set[Path] = set()
        self._merges: dict[tuple[int, ...], tuple[Node, Agreement | None]] = {}
        self.notes = Notes()
        self.loosened: list[Problem] = []

    def add(self, path: Path) -> str:
        """Read a file and the other versions beside it; the id of its agreement."""
        node = self._read_file(path)
        if not node.is_mapping:
            raise AgreementError(
                [node.problem("an agreement is a mapping; it starts with `agreement: its-id`")]
            )
        if "agreement" not in node.items():
            raise AgreementError([node.problem("an agreement needs `agreement`: its id")])
        name = str(node.items()["agreement"].value)
        self._put(name, path, node)
        for other in files(name, path.parent):
            if other.resolve() not in self._files:
                self._put(name, other, self._read_file(other))
        if path.stem.partition("@")[0] != name:
            self.notes.add(
                node.items()["agreement"],
                f"the id `{name}` is also the file's name; this file is `{path.name}`",
                warning=True,
            )
        return name

    def _read_file(self, path: Path) -> Node:
        """A document; how one was read that is not in the making is kept for other processes."""
        read = kept.read if self.keep or path.parent == LIBRARY else reading_yaml.read
        return read(path)

    def _put(self, name: str, path: Path, node: Node) -> None:
        if path.resolve() in self._files:
            return
        self._files.add(path.resolve())
        first, last = _valid(node)
        if last < first:
            self.notes.add(node.items()["valid"], "valid: the last day is before the first")
        self.documents.setdefault(name, []).append(node)

    def find(self, name: str, asked: Node) -> list[Node]:
        """The documents of an agreement that another one extends."""
        if name not in self.documents:
            for folder in self.folders:
                if found := files(name, folder):
                    self.add(found[0])
                    break
            else:
                self.notes.add(asked, f"extends: no agreement `{name}` beside this file or in the library")
                self.documents[name] = []
        return self.documents[name]

    def with_bases(self, names: Iterable[str]) -> list[str]:
        """The names, each once, and those of everything they extend."""
        for name in dict.fromkeys(names):
            self._chain(name)
        return [name for name, documents in self.documents.items() if documents]

    def portfolio(self, names: Iterable[str]) -> Portfolio:
        """The named agreements; raises AgreementError when something is wrong."""
        lines = [Line(name, self._versions(name)) for name in names]
        problems = [problem for problem in self.notes.problems if not problem.warning]
        if problems:
            raise AgreementError(problems)
        for line in lines:
            if not line.versions:
                place = self.documents[line.id][0]
                raise AgreementError(
                    [place.problem(f"`{line.id}` is never in force: what it extends never is")]
                )
        for one, other in both_apply(lines):
            self.loosened.append(
                one.node.problem(
                    f"`{one.id}` and `{other.id}` both extend `{one.extends}` and can both apply (S8)"
                )
            )
        warnings = tuple(problem for problem in self.notes.problems if problem.warning)
        return Portfolio(related(lines), tuple(dict.fromkeys(self.loosened)), warnings)

    def _versions(self, name: str) -> tuple[Agreement, ...]:
        """The merged versions, cut at every date where a file in the chain changes (S6, S7)."""
        chain = self._chain(name)
        for documents in chain:
            self._no_overlap(documents)
        cuts = sorted({cut for documents in chain for node in documents for cut in _cuts(node)})
        edges = [dt.date.min, *cuts]
        found: list[Agreement] = []
        for number, first in enumerate(edges):
            last = edges[number + 1] - _ONE_DAY if number + 1 < len(edges) else None
            made = self._merge(name, first)
            if made is not None:
                starts = None if first == dt.date.min else first
                found.append(replace(made, starts=starts, ends=last))
        return tuple(found)

    def _chain(self, name: str) -> list[list[Node]]:
        """The documents of an agreement and of everything it extends."""
        chain, passed, waiting = [], set(), [name]
        while waiting:
            one = waiting.pop()
            if one in passed:
                continue
            passed.add(one)
            documents = self.documents[one]
            chain.append(documents)
            for node in documents:
                base = node.items().get("extends")
                if base is not None and base.value is not None:
                    if str(base.value) == name:
                        self.notes.add(base, f"extends: `{name}` would extend itself")
                        continue
                    self.find(str(base.value), base)
                    waiting.append(str(base.value))
        return chain

    def _no_overlap(self, documents: list[Node]) -> None:
        spans = sorted(((_valid(node), node) for node in documents), key=_by_span)
        for (one, _), (other, node) in pairwise(spans):
            if other[0] <= one[1]:
                self.notes.add(
                    node, "two versions are in force at once; end one the day before the next begins (S6)"
                )

    def _merge(self, name: str, day: dt.date) -> Agreement | None:
        """The agreement in force on a day, merged with its bases; None in a gap."""
        stack = self._stack(name, day)
        if not stack:
            return None
        key = tuple(id(node) for node in stack)
        if key not in self._merges:
            self._merges[key] = self._read(stack)
        return self._merges[key][1]

    def _stack(self, name: str, day: dt.date) -> list[Node]:
        """The documents that hold on a day, the base first; empty in a gap."""
        stack: list[Node] = []
        wanted: str | None = name
        while wanted is not None and len(stack) < 20:
            holding = [
                node for node in self.documents.get(wanted, ()) if _valid(node)[0] <= day <= _valid(node)[1]
            ]
            if not holding:
                return []
            stack.insert(0, holding[0])
            base = holding[0].items().get("extends")
            wanted = str(base.value) if base is not None and base.value is not None else None
        return stack

    def _read(self, stack: list[Node]) -> tuple[Node, Agreement | None]:
        if len(stack) == 1:
            return stack[0], read_agreement(stack[0], self.notes)
        key = tuple(id(node) for node in stack[:-1])
        if key not in self._merges:
            self._merges[key] = self._read(stack[:-1])
        base_node, base = self._merges[key]
        node = overlay.merged(base_node, stack[-1], self.notes)
        made = read_agreement(node, self.notes)
        if made is None or base is None:
            return node, made
        self.loosened.extend(overlay.looser(base, made, stack[-1]))
        return node, overlay.inheriting(base, made)


def _by_span(pair: tuple[tuple[dt.date, dt.date], Node]) -> tuple[dt.date, dt.date]:
    return pair[0]


def _valid(node: Node) -> tuple[dt.date, dt.date]:
    """First and last day in force; what is not a date is noted when the file is read."""
    valid = node.items().get("valid")
    entries = valid.items() if valid is not None else {}
    return _date(entries.get("from"), dt.date.min), _date(entries.get("to"), dt.date.max)


def _date(node: Node | None, otherwise: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(str(node.value)) if node is not None and node.value else otherwise
    except ValueError:
        return otherwise


def _cuts(node: Node) -> Iterable[dt.date]:
    """The days on which a document begins, and on which it is no longer in force."""
    first, last = _valid(node)
    if first != dt.date.min:
        yield first
    if last != dt.date.max:
        yield last + _ONE_DAY
