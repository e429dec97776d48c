"""Arrays in files, mapped into memory."""

import mmap
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def mapped(path: Path) -> NDArray[Any]:
    """The array of a file of `np.save`, not to be written to; nothing of it is read yet.

    `np.load` gives the same and takes four times as long, which counts where there are many small files.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is none of those files, or is cut off.
    """
    with path.open("rb") as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError("not of version 1.0 of its format")
        shape, by_column, kind = np.lib.format.read_array_header_1_0(file)
        if by_column or kind.hasobject:
            raise ValueError("not an array of plain rows")
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if not prod(shape):
            return np.empty(shape, kind)
        return np.frombuffer(whole, kind, prod(shape), file.tell()).reshape(shape)
