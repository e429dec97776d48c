"""The statements of the agreement language, and the tests that cite them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PAGE = Path("docs/reference/agreement-language.md")
TESTS = Path("tests")

_STATEMENT = re.compile(r"^- \*\*(S\d+)[ .]([^*]*)\*\*", re.MULTILINE)
_ID = re.compile(r"S\d+\Z")


def listed() -> dict[str, str]:
    """Statement id → its catchword, in the order of the reference page."""
    return {name: word.strip(" .") for name, word in _STATEMENT.findall(PAGE.read_text(encoding="utf-8"))}


@cache
def cited() -> dict[str, list[str]]:
    """Statement id → the tests that cite it with `@pytest.mark.statement`, as `path::name`."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, test in _marks(ast.parse(path.read_text(encoding="utf-8"))):
            label = f"{path.relative_to(TESTS)}::{test}" if test else str(path.relative_to(TESTS))
            found.setdefault(name, []).append(label)
    return found


def _marks(node: ast.AST, owner: str = "") -> Iterator[tuple[str, str]]:
    """Each id in a mark below `node`, with the test that carries it ("" for the whole module)."""
    for child in ast.iter_child_nodes(node):
        name = owner
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{owner}::{child.name}".strip(":")
        if isinstance(child, ast.Call) and _is_mark(child.func):
            for argument in child.args:
                if isinstance(argument, ast.Constant) and _ID.match(str(argument.value)):
                    yield str(argument.value), name
        yield from _marks(child, name)


def _is_mark(called: ast.expr) -> bool:
    """Whether it is `pytest.mark.statement`."""
    if not (isinstance(called, ast.Attribute) and called.attr == "statement"):
        return False
    return isinstance(called.value, ast.Attribute) and called.value.attr == "mark"
