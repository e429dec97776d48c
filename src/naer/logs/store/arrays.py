"""Arrays in files, mapped into memory."""

import mmap
import os
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


def mapped(path: str | Path, size: int | None = None) -> NDArray[Any]:
    """The array of a file of `np.save`, not to be written to; nothing of it is read yet.

    `size` is how many bytes the file must have, if that is known.

    `np.load` gives the same and takes five times as long, which counts where there are many small files.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is none of those files, holds anything but plain rows, is cut off, or of another size.
    """
    file = os.open(path, os.O_RDONLY)
    try:
        whole = mmap.mmap(file, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(file)
    if size is not None and len(whole) != size:
        raise ValueError(f"it has {len(whole):,} bytes")
    head = _HEAD.match(whole)
    if head is None:
        raise ValueError("it is no array of plain rows")
    try:
        kind = np.dtype(head[1].decode())
    except TypeError as error:
        raise ValueError(str(error)) from None
    shape = [int(size) for size in head[2].split(b",") if size.strip()]
    if not prod(shape):
        return np.empty(shape, kind)
    return np.frombuffer(whole, kind, prod(shape), head.end()).reshape(shape)
