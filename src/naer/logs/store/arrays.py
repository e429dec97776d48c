"""Arrays in files, mapped into memory."""

import mmap
import re
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HEAD = re.compile(
    rb"\x93NUMPY\x01\x00..{'descr': '([<>|][a-z][0-9]+)', "
    rb"'fortran_order': False, 'shape': \(([0-9, ]*)\), } *\n",
    re.DOTALL,
)
"""What a file of `np.save` begins with: the type and the sizes."""


def mapped(path: Path) -> NDArray[Any]:
    """The array of a file of `np.save`, not to be written to; nothing of it is read yet.

    `np.load` gives the same and takes five times as long, which counts where there are many small files.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is none of those files, holds anything but plain rows, or is cut off.
    """
    with path.open("rb") as file:
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    head = _HEAD.match(whole)
    if head is None:
        raise ValueError("it is no array of plain rows")
    kind = np.dtype(head[1].decode())
    shape = [int(size) for size in head[2].split(b",") if size.strip()]
    if not prod(shape):
        return np.empty(shape, kind)
    return np.frombuffer(whole, kind, prod(shape), head.end()).reshape(shape)
