"""An installation runs its own agreements, with what they extend; what S8 forbids cannot be put in force."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from naer.agreement import AgreementError
from naer.site.agreements.in_force import agreements

OWN = """\
agreement: own
country: DK
extends: dk-national
applies: {municipality: "999"}
clauses:
  - id: admission-report
    source: ours, § 1
    verified: true
    within: WITHIN
"""


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    agreements.cache_clear()
    yield
    agreements.cache_clear()


def put(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.yaml").write_text(text)


def test_without_folders_the_library_is_in_force(settings: Settings) -> None:
    settings.AGREEMENTS = []
    assert {line.versions[0].country for line in agreements().lines} == {"DK"}
    assert agreements().line("nordjylland-example") is not None


def test_a_norwegian_installation_has_the_norwegian_library_in_force(settings: Settings) -> None:
    settings.AGREEMENTS, settings.COUNTRY = [], "NO"
    assert {line.versions[0].country for line in agreements().lines} == {"NO"}
    assert agreements().line("no-national") is not None


def test_own_agreements_replace_the_library_but_for_their_bases(settings: Settings, tmp_path: Path) -> None:
    put(tmp_path, "own", OWN.replace("WITHIN", "2 h"))
    settings.AGREEMENTS = [str(tmp_path)]
    assert {line.id for line in agreements().lines} == {"own", "dk-national"}


def test_two_overlays_that_can_both_apply_are_not_put_in_force(settings: Settings, tmp_path: Path) -> None:
    put(tmp_path, "own", OWN.replace("WITHIN", "2 h"))
    put(tmp_path, "other", OWN.replace("own", "other").replace("WITHIN", "3 h"))
    settings.AGREEMENTS = [str(tmp_path)]
    with pytest.raises(AgreementError, match="can both apply"):
        agreements()
