"""An office with an outbox, and connections as an installation writes them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.integration.outbox.office import Office


@pytest.fixture
def office(db: None) -> Office:
    """The small place with an outbox."""
    return Office()


@pytest.fixture
def connect(settings: Settings, tmp_path: Path) -> Callable[[str], Path]:
    """Writes the file of connections; gives the folder it lies in."""

    def write(text: str) -> Path:
        file = tmp_path / "connections.toml"
        file.write_text(text)
        settings.CONNECTIONS = str(file)
        return tmp_path

    return write
