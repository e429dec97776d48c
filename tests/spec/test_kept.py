"""What is kept never differs from what it was made of: an agreement's file, the library of holidays."""

import datetime as dt
import os
import pickle
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import holidays
import pytest

from naer import kept as everywhere
from naer.agreement import Portfolio, kept, loader, reading_yaml, shelf
from naer.agreement.document import AgreementError, Node
from naer.agreement.loader import LIBRARY
from naer.events import calendar

TEXT = "agreement: its-id\nlist: [1, 2.5, yes, 'no']\ndeep:\n  country: NO\n  nothing: ~\n"


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def _files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").rglob("*.*"))


def test_the_second_reading_is_the_first_without_reading_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = LIBRARY / "no-national@2015-01-01.yaml"
    first = kept.read(file)
    assert len(_files(tmp_path)) == 1

    def refuse(text: str, name: str) -> Node:
        raise AssertionError(f"read again: {name}, {len(text)}")

    monkeypatch.setattr(reading_yaml, "parse", refuse)
    assert kept.read(file) == first  # values, files and lines


def test_every_kind_of_value_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "its-id.yaml"
    file.write_text(TEXT)
    assert kept.read(file) == kept.read(file) == reading_yaml.read(file)
    other = tmp_path / "copy.yaml"
    other.write_text(TEXT)
    assert kept.read(other).items()["deep"].file == str(other)  # kept by content, told by its own name


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "its-id.yaml"
    file.write_text(TEXT)
    kept.read(file)
    file.write_text(TEXT.replace("2.5", "3"))
    assert kept.read(file) == reading_yaml.read(file)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x01", b"\x93\x01\x02\x03", b"\x92\x01\x91\x05"])
def test_what_is_kept_and_broken_is_made_again(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "its-id.yaml"
    file.write_text(TEXT)
    right = kept.read(file)
    (place,) = _files(tmp_path)
    place.write_bytes(data)
    assert kept.read(file) == right
    assert place.read_bytes() != data


def test_what_is_wrong_is_told_each_time_and_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "its-id.yaml"
    file.write_text("a: 1\na: 2\n")
    for _ in range(2):
        with pytest.raises(AgreementError, match="given twice"):
            kept.read(file)
    assert _files(tmp_path) == []


def test_without_a_place_to_keep_it_everything_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "its-id.yaml"
    file.write_text(f"agreement: its-id\nnumber: {10**30}\n")  # more than the format of what is kept holds
    assert kept.read(file).items()["number"].value == 10**30
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert kept.read(file) == reading_yaml.read(file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))  # a file where the folder should be
    assert kept.read(file) == reading_yaml.read(file)


CLAUSE = """
agreement: its-id
country: DK
clauses:
  - {id: told, source: s, after: admitted, deliver: admission_report, within: HOURS h}
"""


def _in_force(folder: Path, hours: int) -> Portfolio:
    folder.mkdir(exist_ok=True)
    (folder / "its-id.yaml").write_text(CLAUSE.replace("HOURS", str(hours)))
    return loader.load_all([folder], in_force=True)


def test_agreements_in_force_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _in_force(tmp_path / "ours", 24)
    with monkeypatch.context() as without:
        without.setattr(shelf, "Shelf", None)
        assert _in_force(tmp_path / "ours", 24) == first
    other = _in_force(tmp_path / "copy", 24)  # told by its own name
    assert Path(other.lines[0].versions[0].node.file).parent == tmp_path / "copy"
    changed = _in_force(tmp_path / "ours", 25)
    assert changed.lines[0].versions[0].clauses != first.lines[0].versions[0].clauses
    (tmp_path / "ours" / "its-id.yaml").write_text("agreement: its-id\n")
    for _ in range(2):
        with pytest.raises(AgreementError, match="needs `clauses`"):
            loader.load_all([tmp_path / "ours"], in_force=True)


def test_one_agreement_is_made_once_with_all_that_it_rests_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, ours, version = (tmp_path / f"{name}.yaml" for name in ("its-id", "ours", "ours@2020-01-01"))
    base.write_text(CLAUSE.replace("HOURS", "24"))
    ours.write_text("agreement: ours\nextends: its-id\nclauses: []\n")
    first = loader.load(ours, keep=True)
    with monkeypatch.context() as without:
        without.setattr(shelf, "Shelf", None)
        assert loader.load(ours, keep=True) == first
    base.write_text(CLAUSE.replace("HOURS", "25"))
    assert loader.load(ours, keep=True) == loader.load(ours) != first
    version.write_text("agreement: ours\nvalid: {from: 2020-01-01}\nclauses: []\n")
    with pytest.raises(AgreementError, match="in force at once"):
        loader.load(ours, keep=True)


def test_agreements_in_force_that_are_kept_and_broken_are_made_again(tmp_path: Path) -> None:
    right = _in_force(tmp_path / "ours", 24)
    (place,) = (tmp_path / "cache").rglob("*.pickle")
    for data in (b"", place.read_bytes()[:-9], pickle.dumps(right.lines)):
        place.write_bytes(data)
        assert _in_force(tmp_path / "ours", 24) == right
        assert place.read_bytes() != data


@pytest.mark.parametrize("change", ["changed", "added"])
def test_agreements_that_were_changed_while_they_were_made_are_not_kept(tmp_path: Path, change: str) -> None:
    """They would be found again under the name of what was there before."""
    right = _in_force(tmp_path / "ours", 24)
    for place in (tmp_path / "cache").rglob("*.pickle"):
        place.unlink()
    make, ours = shelf.Shelf.portfolio, tmp_path / "ours" / "its-id.yaml"
    added = tmp_path / "ours" / "new.yaml"

    def late(this: shelf.Shelf, names: Iterable[str]) -> Portfolio:
        made = make(this, names)
        if change == "changed":
            ours.write_text(CLAUSE.replace("HOURS", "99"))
        else:
            added.write_text(CLAUSE.replace("HOURS", "99").replace("its-id", "new"))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf.Shelf, "portfolio", late)
        loader.load_all([tmp_path / "ours"], in_force=True)
    assert not list((tmp_path / "cache").rglob("*.pickle"))
    added.unlink(missing_ok=True)
    assert _in_force(tmp_path / "ours", 24) == right


@pytest.mark.parametrize("writable", ["folder", "file", "another's"])
def test_agreements_that_somebody_else_may_have_written_are_not_taken(
    writable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They become objects by running what the file says."""
    right = _in_force(tmp_path / "ours", 24)
    (place,) = (tmp_path / "cache").rglob("*.pickle")
    assert [path.stat().st_mode & 0o777 for path in (place.parent, place)] == [0o700, 0o600]
    place.write_bytes(pickle.dumps(_in_force(tmp_path / "strange", 99)))
    strange = place.read_bytes()
    if writable == "another's":
        monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    else:
        (place.parent if writable == "folder" else place).chmod(0o770)
    assert _in_force(tmp_path / "ours", 24) == right
    assert (place.read_bytes() == strange) is (writable != "file")  # written anew where only we write


def test_what_was_worked_out_of_the_holidays_is_not_kept_with_agreements(tmp_path: Path) -> None:
    """With another version of their library it would be wrong, and be found all the same."""
    day, made = dt.date(2026, 4, 3), _in_force(tmp_path / "ours", 24)
    used = made.lines[0].versions[0].clauses[0].calendar
    assert not used.is_working_day(day)
    assert used.working_time(0, 10**15) > 0
    read_back = pickle.loads(pickle.dumps(made)).lines[0].versions[0].clauses[0].calendar
    assert read_back == used
    assert (used._working, used._years) != ({}, {})
    assert (read_back._working, read_back._years) == ({}, {})


def test_what_decides_what_is_owed_is_not_taken_where_somebody_else_may_write(tmp_path: Path) -> None:
    file = tmp_path / "its-id.yaml"
    file.write_text(TEXT)
    right, day = kept.read(file), dt.date(2026, 12, 25)
    calendar._of_century.cache_clear()
    assert day in calendar.public_holidays("DK", 2026)
    for place in _files(tmp_path):
        data = place.read_bytes().replace(b"2026-12-25", b"2026-12-28")
        place.write_bytes(data.replace(b"its-id", b"strang"))
        place.chmod(0o666)
    calendar._of_century.cache_clear()
    assert day in calendar.public_holidays("DK", 2026)
    assert kept.read(file) == right


def test_one_country_s_agreements_are_kept_apart_from_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "LIBRARY", tmp_path)
    monkeypatch.setattr(loader, "library", cache(loader.library.__wrapped__))
    for country in ("DK", "NO"):
        text = CLAUSE.replace("HOURS", "24").replace("DK", country).replace("its-id", country)
        (tmp_path / f"{country}.yaml").write_text(text)
    for _ in range(2):
        found = {}
        for asked in (None, "DK", "NO"):
            loader.library.cache_clear()
            found[asked] = [line.id for line in loader.library(asked).lines]
        assert found == {None: ["DK", "NO"], "DK": ["DK"], "NO": ["NO"]}


def test_what_was_kept_long_before_the_newest_is_thrown_away(tmp_path: Path) -> None:
    month = 31 * 86_400
    for name, age in (("old", month), ("young", month // 2)):
        everywhere.keep(tmp_path / name, b"")
        then = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (then, then))
    everywhere.keep(tmp_path / "new", b"new")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["new", "young"]


def test_public_holidays_are_the_library_s_kept_or_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = [(country, year) for country in ("DK", "NO") for year in (1, 1899, 2023, 2026, 2099, 9999)]
    right = [frozenset(holidays.country_holidays(country, years=year)) for country, year in asked]

    def said() -> list[frozenset[dt.date]]:
        calendar._of_century.cache_clear()
        return [calendar.public_holidays(*one) for one in asked]

    assert said() == right
    with monkeypatch.context() as without:
        without.setattr(holidays, "country_holidays", None)
        assert said() == right
    for file in _files(tmp_path):
        file.write_bytes(file.read_bytes()[:-20])
    assert said() == right
    for file in _files(tmp_path):
        file.write_bytes(b"{}")
    assert said() == right


def test_what_keeps_anything_from_being_kept_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for kind in ("agreements", "holidays"):
        everywhere.write(tmp_path / "naer" / kind / "something", b"")
    assert list(everywhere.hindrances()) == []
    (tmp_path / "naer" / "holidays").chmod(0o777)
    assert list(everywhere.hindrances()) == [f"{tmp_path}/naer/holidays: somebody else may write here"]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "naer" / "agreements" / "something"))
    (told,) = everywhere.hindrances()
    assert told.endswith("Not a directory")
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    (told,) = everywhere.hindrances()
    assert "no home folder" in told
