"""Machine code in one piece that runs wherever it lies: an object file of LLVM's, linked once.

The object is ELF for x86-64, of code that does not depend on its position: distances inside the piece are
worked out here, and only the addresses of a few functions of the C library are put in as `naer.native` loads
it. Formats: System V ABI, AMD64 supplement, 4.4; ELF, `<elf.h>`.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

OUTSIDE = ("memcpy", "memmove", "memset")
"""What code may call that is not in the piece."""
_ALLOCATED = 0x2
_SYMBOLS, _RELOCATIONS, _ZEROS, _UNWINDING = 2, 4, 8, 0x70000001
"""Kinds of section. How a stack is unwound is for exceptions and debuggers, which have no part here."""
_DISTANCES = (2, 4)
"""R_X86_64_PC32 and R_X86_64_PLT32: symbol + addend - place, in 32 bits."""
_JUMP = b"\x49\xbb" + bytes(8) + b"\x41\xff\xe3"
"""movabs r11, address; jmp r11"""
_ADDRESS = 2
"""Where in it the address stands."""
_LINE = 64
"""Bytes; each section begins on a line of its own of the processor's cache."""


class Linked(NamedTuple):
    """Code that is ready but for what it calls outside."""

    code: bytes
    entry: int
    """Where the function begins."""
    outside: Mapping[str, int]
    """Where the address of each function of the C library is wanted, as eight bytes."""


class _Section(NamedTuple):
    """Of `Elf64_Shdr`."""

    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entry: int


class _Symbol(NamedTuple):
    """What is used of `Elf64_Sym`."""

    name: str
    section: int
    """0 for what is not in the file."""
    value: int


def link(made: bytes, symbol: str) -> Linked | None:
    """An object file as one piece, to be called where `symbol` is; None when it needs more than that."""
    (headers,), (count,) = struct.unpack_from("<Q", made, 40), struct.unpack_from("<H", made, 60)
    sections = [_Section._make(one) for one in _rows(made, "<IIQQQQIIQQ", headers, count)]
    code, begins = bytearray(), {}
    for number, one in enumerate(sections):
        if one.flags & _ALLOCATED and one.size and one.kind != _UNWINDING:
            code += bytes(-len(code) % max(one.align, _LINE))
            begins[number] = len(code)
            code += bytes(one.size) if one.kind == _ZEROS else _content(made, one)
    table = next(one for one in sections if one.kind == _SYMBOLS)
    rows = _rows(made, "<IBBHQQ", table.offset, table.size // table.entry)
    names = _content(made, sections[table.link])
    symbols = [_Symbol(_text(names, name), section, value) for name, _, _, section, value, _ in rows]
    outside: dict[str, int] = {}

    def place(one: _Symbol) -> int | None:
        """Where it is in the piece; of what is outside, where there is a jump to it."""
        if one.section:
            return begins[one.section] + one.value if one.section in begins else None
        if one.name in OUTSIDE and one.name not in outside:
            outside[one.name] = len(code) + _ADDRESS
            code.extend(_JUMP)
        return outside[one.name] - _ADDRESS if one.name in outside else None

    for one in sections:
        if one.kind != _RELOCATIONS or one.info not in begins:
            continue
        for offset, info, addend in _rows(made, "<QQq", one.offset, one.size // one.entry):
            found = place(symbols[info >> 32])
            if found is None or info & 0xFFFFFFFF not in _DISTANCES:
                return None
            here = begins[one.info] + offset
            struct.pack_into("<i", code, here, found + addend - here)
    entry = next((place(one) for one in symbols if one.section and one.name == symbol), None)
    return None if entry is None else Linked(bytes(code), entry, outside)


def _content(made: bytes, one: _Section) -> bytes:
    return made[one.offset : one.offset + one.size]


def _rows(made: bytes, form: str, offset: int, count: int) -> Iterator[tuple[int, ...]]:
    return struct.iter_unpack(form, made[offset : offset + count * struct.calcsize(form)])


def _text(names: bytes, begin: int) -> str:
    return names[begin : names.index(b"\0", begin)].decode()
