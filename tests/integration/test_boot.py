"""Starting: what is made before there are threads."""

import sys
from types import FrameType
from typing import TYPE_CHECKING

import msgspec

from naer.site import boot

if TYPE_CHECKING:
    import polars as pl


class Part(msgspec.Struct):
    """Nobody has used it yet, nor what it is in."""

    name: str


class Drawn(msgspec.Struct):
    """What it holds is named for readers of the code: nobody decodes it, and it keeps nobody waiting."""

    frame: "pl.DataFrame"


class Whole(msgspec.Struct):
    parts: list[Part]


def test_no_thread_is_the_first_to_use_a_struct() -> None:
    """Two that are end the process: the second reads what the first has half learnt of its fields."""
    boot.before_threads()
    assert "get_class_annotations" not in _called_by_reading()


def _called_by_reading() -> set[str]:
    """The functions that msgspec, which learns of a type by calling Python, calls to read a `Whole`."""
    called: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        called.add(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        msgspec.convert({"parts": [{"name": "x"}]}, Whole)
    finally:
        sys.setprofile(before)
    return called
