"""Lists whose rows are alike: a row's template is rendered once, and each row is its values put into that.

Django walks all nodes of a template again for each row, which was a third of the time of the start page. So
the template of a row asks nothing about a value (no `if`, no filter): that is decided where values are made.
"""

import re
from collections.abc import Hashable, Sequence
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

_MARK = "\ue000{}\ue001"
"""Where a value stands: characters that no text has, and nothing escapes."""
_MARKS = re.compile("\ue000(\\d+)\ue001")


def fill(template: str, rows: Sequence[NamedTuple], **same: Hashable) -> SafeString:
    """`template` for each of `rows`, which are of one type: its fields are what the template knows.

    It knows `same` too and may ask about it: that is the same for all rows, and of few values in all.
    Values are escaped unless they are safe, as everywhere.
    """
    if not rows:
        return mark_safe("")
    shape = _shape(template, rows[0]._fields, tuple(same.items()), get_language() or "")
    return mark_safe("".join(shape.format(*map(_text, row)) for row in rows))  # noqa: S308


def _text(value: object) -> str:
    """As Django's `conditional_escape`, which spends as long on asking whether a text is lazy."""
    return value if isinstance(value, SafeString) else escape(str(value))


@lru_cache(maxsize=256)
def _shape(
    template: str,
    fields: tuple[str, ...],
    same: tuple[tuple[str, Hashable], ...],
    language: str,  # noqa: ARG001 - what it is rendered in
) -> str:
    """The template in a language, as `str.format` reads it."""
    marks = {name: _MARK.format(place) for place, name in enumerate(fields)}
    text = get_template(template).render(dict(same) | marks)
    return _MARKS.sub(r"{\1}", text.replace("{", "{{").replace("}", "}}"))
