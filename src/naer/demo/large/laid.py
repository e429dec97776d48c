"""A block laid down in a file as the database takes it in, by who made it."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from naer.events.chain import Head

TABLES = ("pathways_citizen", "pathways_case", "pathways_loggedevent", "pathways_obligation")
"""What is laid down. Escalation steps, which are few, name obligations by numbers that the writer gives."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A block, of which most is in files."""

    path: Path
    """An SQLite file (`table_file`), or for PostgreSQL what the files of the tables begin with (`copied`)."""
    columns: dict[str, list[str]]
    """Names of the columns of each of TABLES."""
    citizens: int
    pathways: int
    events: int
    obligations: int
    steps: pl.DataFrame
    """As in `Block`."""
    heads: list[Head]

    def copied(self, table: str) -> Path:
        """Where the rows of a table are, as COPY reads them."""
        return self.path.with_name(f"{self.path.name}.{table}")

    def forget(self) -> None:
        """Remove the files."""
        for path in (self.path, *map(self.copied, self.columns)):
            path.unlink(missing_ok=True)
