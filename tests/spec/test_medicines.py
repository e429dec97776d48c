"""Two lists of medicines compared, as a table: what stands together, what differs, what nobody can tell."""

import pytest

from naer.site.discharge.medicines import Medicine, compare

CASES: list[tuple[str, str, str]] = [
    ("Furix 40 mg|1 morgen", "Furix 40 mg|1 morgen", "same Furix"),
    ("furix  40 MG|1  Morgen", "Furix 40 mg|1 morgen", "same Furix"),
    ("Furix 40 mg|1 morgen", "Furix 40 mg|2 morgen", "changed Furix dose"),
    ("Furix 40 mg|1 morgen", "Furix 20 mg|1 morgen", "changed Furix strength"),
    ("Furix 40 mg|1 morgen", "", "stopped Furix"),
    ("", "Furix 40 mg|1 morgen", "new Furix"),
    ("Furix 40 mg|", "Furix 40 mg|1 morgen", "unclear Furix dose"),
    ("", "Furix 40 mg|", "unclear Furix"),
    ("Furix 40 mg|", "", "stopped Furix"),
    ("Furix 40 mg|1 morgen|C03CA01", "Furosemid 40 mg|1 morgen|C03CA01", "changed Furosemid name"),
    # Two strengths of one medicine: together by strength; where that does not tell, nobody knows.
    (
        "Marevan 2,5 mg|1 aften;Marevan 5 mg|1 morgen",
        "Marevan 5 mg|1 morgen;Marevan 2,5 mg|2 aften",
        "changed Marevan dose;same Marevan",
    ),
    ("Selo 25 mg|1;Selo 50 mg|1", "Selo 30 mg|1", "unclear Selo;unclear Selo;unclear Selo"),
    ("Panodil 1 g|2;Panodil 1 g|2", "Panodil 1 g|2", "unclear Panodil;unclear Panodil;unclear Panodil"),
    ("Panodil 1 g|2;Panodil 1 g|3", "", "stopped Panodil;stopped Panodil"),
    (
        "Selo 50 mg|1;Ibumetin 400 mg|ved behov",
        "Selo 50 mg|1;Doxylin 100 mg|1 daglig",
        "new Doxylin;stopped Ibumetin;same Selo",
    ),
    ("", "", ""),
]  # fmt: skip
"""(before, after, result); a medicine is name strength|dose|ATC, several with ; between."""


def _read(text: str) -> list[Medicine]:
    found = []
    for part in filter(None, text.split(";")):
        said, dose, *code = part.split("|")
        name, _, strength = said.partition(" ")
        found.append(Medicine(name=name, strength=strength, dose=dose, atc=code[0] if code else ""))
    return found


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_compared(before: str, after: str, expected: str) -> None:
    found = compare(_read(before), _read(after))
    assert ";".join(" ".join((one.kind, one.name, *one.differs)) for one in found) == expected
    # Every line of both lists stands in the result once, as it was written.
    assert sorted(one.before.dose for one in found if one.before) == sorted(m.dose for m in _read(before))
    assert sorted(one.after.dose for one in found if one.after) == sorted(m.dose for m in _read(after))


def test_nothing_shows_a_medicine_where_it_is_not_asked_for() -> None:
    assert "Furix" not in repr(compare(_read("Furix 40 mg|1"), ()))
