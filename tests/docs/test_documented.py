"""What exists is documented, and what is documented exists."""

import re
from pathlib import Path

import pytest

from naer.cli.main import COMMANDS
from naer.events.kinds import KINDS
from naer.messages.medcom.codes import CODES
from tests.docs.markdown import PAGES, ROOT, anchors, links
from tools import bench, docs, reference

REFERENCE = ROOT / "docs" / "reference"
_VARIABLE = re.compile(r"\bNAER_[A-Z][A-Z_]*[A-Z]\b")
_SOURCES = ("src/**/*.py", "tools/*.py", "bench/**/*.py", "tests/**/*.py", "run", ".ci/run")


def _read(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def _variables() -> set[str]:
    paths = {path for pattern in _SOURCES for path in ROOT.glob(pattern)}
    return {name for path in paths for name in _VARIABLE.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_generated_blocks_say_what_the_code_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert docs.fresh(text) == text, "stale; run ./run docs"


@pytest.mark.parametrize("path", reference.FILES, ids=str)
def test_generated_file_says_what_the_code_says(path: Path) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == reference.FILES[path](), "stale; run ./run docs"


def test_every_generated_block_stands_on_a_page() -> None:
    used = {name for page in PAGES for name in re.findall(r"<!-- generated: ([a-z-]+) -->", page.read_text())}
    assert used == set(reference.BLOCKS)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_documented(kind: str) -> None:
    known = KINDS[kind]
    assert known.meaning.strip().endswith(".")
    assert known.senders
    assert known.carried_by
    assert f"| `{kind}` |" in _read("events.md")


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_documented_and_says_the_same_in_both_places(command: str) -> None:
    loaded = COMMANDS[command].load()
    assert f"## `naer {command}`" in _read("cli.md")
    assert loaded.get_short_help_str(200) == COMMANDS[command].summary


@pytest.mark.parametrize("code", CODES)
def test_code_is_documented(code: str) -> None:
    assert f"| {code} |" in _read("medcom.md")


def test_every_environment_variable_is_documented_and_every_documented_one_is_used() -> None:
    assert set(_VARIABLE.findall(_read("settings.md"))) == _variables()


@pytest.mark.parametrize("name", bench.available())
def test_benchmark_says_what_it_measures(name: str) -> None:
    assert bench.available()[name]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in links(text):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{link}: no such file"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{link}: no such heading"


def test_every_run_command_in_the_docs_exists() -> None:
    run = (ROOT / "run").read_text(encoding="utf-8")
    cases = re.search(r"^demo \|.*\) ;;$", run, re.MULTILINE)
    assert cases
    known = set(re.findall(r"\w+", cases[0])) | {"help"}
    for page in PAGES:
        named = set(re.findall(r"\./run (\w+)", page.read_text(encoding="utf-8")))
        assert named <= known, f"{page}: {named - known}"


def test_every_page_is_found_from_the_first_one() -> None:
    """Decisions have a list of their own, which is."""
    lists = (ROOT / "docs" / "README.md", ROOT / "docs" / "decisions" / "README.md")
    listed = "".join(page.read_text(encoding="utf-8") for page in lists)
    missing = [page for page in PAGES if page.parent.parent.name == "docs" and f"{page.name})" not in listed]
    assert missing == []
