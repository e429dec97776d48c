"""The text in each resource that MedCom asks for: all that the resource says, for people without a reader."""

from collections.abc import Iterator
from html import escape
from typing import Any

from naer.messages.medcom.writing import Resource

_BEFORE = ("resourceType", "id", "meta")
_UNSAID = frozenset({"resourceType", "meta", "data"})
XHTML = "http://www.w3.org/1999/xhtml"


def narrated(resource: Resource) -> Resource:
    """The resource with its narrative: every element and its value, but no content of attachments."""
    lines = "".join(
        f"<p><b>{escape(path)}</b>: {escape(value, quote=False).replace(chr(10), '<br/>')}</p>"
        for path, value in _said(resource, "")
    )
    title = f"<p><b>{escape(resource['resourceType'])}</b></p>"
    text = {
        "status": "extensions" if _extended(resource) else "generated",
        "div": f'<div xmlns="{XHTML}">{title}{lines}</div>',
    }
    first = {name: resource[name] for name in _BEFORE if name in resource}
    return first | {"text": text} | {name: value for name, value in resource.items() if name not in first}


def _said(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name not in _UNSAID:
                yield from _said(value, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for value in node:
            yield from _said(value, path)
    elif isinstance(node, bool):
        yield path, "true" if node else "false"
    else:
        yield path, str(node)


def _extended(node: Any) -> bool:
    if isinstance(node, dict):
        return "extension" in node or any(map(_extended, node.values()))
    return isinstance(node, list) and any(map(_extended, node))
