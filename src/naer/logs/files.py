"""The files of a log: which they are, in which order, in which format, and their fingerprint."""

import gzip
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from naer.logs.error import LogError

FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv",
    ".parquet": "parquet", ".pq": "parquet",
    ".ndjson": "ndjson", ".jsonl": "ndjson",
    ".xes": "xes",
    ".jsonocel": "ocel", ".json": "ocel",
}  # fmt: skip
"""File ending → format; all but Parquet may also end in .gz."""


def find(path: Path) -> list[Path]:
    """The files of a log: the file itself, or those of a folder (and below), sorted by name.

    Names that begin with "." or "_" are bookkeeping (`_SUCCESS`) and are not read.

    Raises:
        LogError: when there is nothing there, or files of several formats.
    """
    if not path.exists():
        raise LogError(f"{path}: no such file or folder")
    if path.is_file():
        return [path]
    files = sorted(
        (file for file in path.rglob("*") if file.is_file() and not _hidden(file.relative_to(path))),
        key=lambda file: file.relative_to(path).as_posix(),
    )
    if not files:
        raise LogError(f"{path}: the folder has no files")
    formats = {form(file) for file in files}
    if len(formats) > 1:
        raise LogError(
            f"{path}: files of several formats ({', '.join(sorted(formats))}); keep one in a folder"
        )
    return files


def form(file: Path) -> str:
    """The format of a file by its ending: csv, parquet, ndjson, xes or ocel.

    Raises:
        LogError: for any other ending.
    """
    name = file.name.lower().removesuffix(".gz")
    found = FORMATS.get(Path(name).suffix)
    if found is None or (found == "parquet" and file.name.lower().endswith(".gz")):
        raise LogError(
            f"{file}: unknown format; a log is .csv, .tsv, .ndjson, .jsonl, .xes, .jsonocel or .json (OCEL) "
            "(each also with .gz), or .parquet"
        )
    return found


def digest(files: Sequence[Path], root: Path) -> str:
    """SHA-256 of the log: of the file, or of the `sha256sum` listing of a folder's files in order."""
    if files == [root]:
        return _digest(root)
    lines = (f"{_digest(file)}  {file.relative_to(root).as_posix()}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class Source:
    """An open file: `data` gives its bytes (unpacked when .gz); `done` says how much of it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw = path.open("rb")
        packed = path.name.lower().endswith(".gz")
        self.data = cast(IO[bytes], gzip.GzipFile(fileobj=self._raw) if packed else self._raw)

    @property
    def done(self) -> int:
        """Bytes of the file on disk that are read."""
        return 0 if self._raw.closed else self._raw.tell()

    def close(self) -> None:
        """Close the file."""
        self.data.close()
        self._raw.close()


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
