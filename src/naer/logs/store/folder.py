"""The files of one piece: NumPy arrays, Arrow tables and JSON, each with its size and SHA-256."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
from numpy.typing import DTypeLike, NDArray

from naer.logs.error import LogError
from naer.logs.store.arrays import mapped

Entry = dict[str, Any]
"""What the manifest says of a file: `file`, `bytes`, `sha256`, and what its reader must know."""


class Folder:
    """A folder that files are written to, or read from as the manifest lists them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def array(self, name: str, values: NDArray[Any], **more: Any) -> Entry:
        """Write an array as `name`.npy."""
        head = io.BytesIO()
        values = np.ascontiguousarray(values)
        np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(values))
        return self._write(
            f"{name}.npy", head.getvalue(), memoryview(values.reshape(-1).view(np.uint8)), more
        )

    def stream(self, name: str, parts: Iterable[NDArray[Any]], kind: DTypeLike, count: int) -> Entry:
        """Write an array of one dimension as `name`.npy, part by part."""
        head = io.BytesIO()
        described = {"descr": np.dtype(kind).str, "fortran_order": False, "shape": (count,)}
        np.lib.format.write_array_header_1_0(head, described)
        digest, size = hashlib.sha256(head.getvalue()), len(head.getvalue())
        with (self.path / f"{name}.npy").open("wb") as out:
            out.write(head.getvalue())
            for part in parts:
                body = memoryview(np.ascontiguousarray(part, kind).view(np.uint8))
                digest.update(body)
                size += out.write(body)
            out.flush()
            os.fsync(out.fileno())
        return {"file": f"{name}.npy", "bytes": size, "sha256": digest.hexdigest()}

    def table(self, name: str, frame: pl.DataFrame, **more: Any) -> Entry:
        """Write a frame as the Arrow file `name`.arrow."""
        data = io.BytesIO()
        # Under a null Arrow may leave any bytes; the same content must be the same file.
        frame = frame.with_columns(_clean(one) for one in frame.get_columns() if one.has_nulls())
        frame.rechunk().write_ipc(data, compression="uncompressed", compat_level=pl.CompatLevel.oldest())
        return self._write(f"{name}.arrow", data.getbuffer(), b"", more)

    def json(self, name: str, value: Any, **more: Any) -> Entry:
        """Write a JSON file `name`.json."""
        return self._write(f"{name}.json", json.dumps(value, ensure_ascii=False).encode(), b"", more)

    def _write(
        self, file: str, head: bytes | memoryview, body: bytes | memoryview, more: dict[str, Any]
    ) -> Entry:
        digest = hashlib.sha256(head)
        digest.update(body)
        with (self.path / file).open("wb") as out:
            out.write(head)
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        return {"file": file, "bytes": len(head) + len(body), "sha256": digest.hexdigest()} | more

    def load(self, entry: Entry) -> NDArray[Any]:
        """An array, mapped into memory.

        Raises:
            LogError: when the file is missing or is not the one that was written.
        """
        try:  # asked for hundreds of times where little is read of each: sound files cost one opening
            return mapped(os.path.join(self.path, entry["file"]), entry["bytes"])
        except (OSError, ValueError) as error:
            raise _damaged(self._there(entry), str(error)) from None

    def read_table(self, entry: Entry, places: NDArray[np.int64] | None = None) -> pl.DataFrame:
        """A frame, or its rows at `places`; raises a LogError as `load` does."""
        path = self._there(entry)
        try:
            if places is None:  # by Polars alone: to load Arrow takes as long as a small append
                return pl.read_ipc(path.read_bytes()).rechunk()
            with pa.memory_map(str(path)) as data:
                frame = pl.from_arrow(pa.ipc.open_file(data).read_all(), rechunk=False)
                assert isinstance(frame, pl.DataFrame)
                # Rows are taken by Polars: to hand Arrow an array of places loads pandas where there is one.
                return frame[places]
        except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise _damaged(path, str(error)) from None
        except pa.ArrowException as error:
            raise _damaged(path, str(error)) from None

    def read_json(self, entry: Entry) -> Any:
        """A value; raises a LogError as `load` does."""
        path = self._there(entry)
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise _damaged(path, str(error)) from None

    def verify(self, entry: Entry) -> None:
        """Raise a LogError unless the file's bytes are those that were written."""
        path = self._there(entry)
        with path.open("rb") as data:
            if hashlib.file_digest(data, "sha256").hexdigest() != entry["sha256"]:
                raise _damaged(path, "its content is not what was written")

    def _there(self, entry: Entry) -> Path:
        path: Path = self.path / entry["file"]
        try:
            size = path.stat().st_size
        except OSError:
            raise LogError(
                f"{path}: the file is missing: the log store is damaged, or it was added to while it was "
                "read. Run the command again; if it stays so, build the store again from its sources"
            ) from None
        if size != entry["bytes"]:
            raise _damaged(path, f"it has {size:,} bytes instead of {entry['bytes']:,}")
        return path


def _clean(column: pl.Series) -> pl.Series:
    return pl.Series(column.name, column.to_list(), dtype=column.dtype)


def _damaged(path: Path, why: str) -> LogError:
    return LogError(f"{path}: the log store is damaged: {why}; build it again from its sources")
