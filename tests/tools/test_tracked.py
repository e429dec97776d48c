"""Numbers that could be a living person's are found, synthetic and other numbers are not."""

from pathlib import Path

import pytest

from tools import tracked


@pytest.fixture
def findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def look(text: str) -> list[str]:
        path = tmp_path / "file.txt"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setattr(tracked, "files", lambda: [path])
        return tracked.person_numbers()

    return look


@pytest.mark.parametrize("between", ["", "-", " "])
def test_a_number_with_a_day_and_a_month_could_be_somebodys(findings, between: str) -> None:
    number = "0107" + "90" + between + "1234"
    assert len(findings(f"the citizen {number} was admitted")) == 1
    assert number not in findings(f"the citizen {number} was admitted")[0]


@pytest.mark.parametrize(
    "text", ["710190-1234", "9107901234", "id 20260302100000", "1.2.208.176.1.2", "5790000120314"]
)
def test_synthetic_numbers_and_other_ids_are_not(findings, text: str) -> None:
    assert findings(text) == []


def test_a_norwegian_number_needs_both_check_digits(findings) -> None:
    valid = "0107" + "90" + "10090"
    digits = [int(digit) for digit in valid[:9]]
    first = -sum(d * w for d, w in zip(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2), strict=True)) % 11
    second = -sum(d * w for d, w in zip([*digits, first], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
    assert first < 10
    assert second < 10
    assert len(findings(f"{valid[:9]}{first}{second}")) == 1
    assert findings(f"{valid[:9]}{first}{(second + 1) % 10}") == []


def test_a_large_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(b"\0" * (tracked.LARGEST + 1))
    monkeypatch.setattr(tracked, "files", lambda: [path])
    assert str(path) in tracked.too_large()[0]
