"""Walks the site as a browser would: pages by their links, forms by what they hold."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve
from lxml import html

WITHOUT = ("agreement", "result")
"""Names of pages that hold nothing about citizens that anybody wrote: begin so, and cost much to draw."""


@dataclass
class Form:
    """A form of a page, with what it would send as it stands."""

    page: str
    action: str
    values: dict[str, Any]
    texts: frozenset[str]
    """Fields that people write into freely."""
    files: frozenset[str]

    @property
    def kind(self) -> tuple[str, str]:
        """Forms of one kind are asked once: where it goes, and what it does."""
        return name_of(self.action), f"{sorted(self.values)} {self.values.get('act', '')}"


@dataclass
class Walk:
    """What was found: address → its text, and the forms that are posted."""

    pages: dict[str, str] = field(default_factory=dict)
    forms: dict[tuple[str, str], Form] = field(default_factory=dict)
    broken: list[tuple[str, int]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {name_of(address) for address in self.pages}


def name_of(address: str) -> str:
    """The name of the kind of page at `address`; empty when there is none."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def walk(client: Client, start: list[str]) -> Walk:
    """Every kind of page that links lead to from `start`, one of each kind."""
    found, waiting, kinds = Walk(), list(start), set()
    while waiting:
        address = waiting.pop(0)
        parts = urlsplit(address)
        name = name_of(address)
        kind = (name, tuple(sorted(key for key, _ in parse_qsl(parts.query))))
        if not name or kind in kinds or name.startswith(WITHOUT):
            continue
        kinds.add(kind)
        answer = client.get(address)
        if answer.status_code in {301, 302}:
            waiting.append(urljoin(address, answer["Location"]))
            continue
        if answer.status_code != 200:
            found.broken.append((address, answer.status_code))
            continue
        text = said(answer)
        found.pages[address] = text
        if "html" not in answer.headers.get("Content-Type", ""):
            continue
        page: Any = html.fromstring(text)
        for link in page.iter("a"):
            target = urljoin(address, link.get("href") or "#")
            if target.startswith("/"):
                waiting.append(target.partition("#")[0])
        for form in page.forms:
            if form.method == "POST":
                one = _form(address, form)
                found.forms.setdefault(one.kind, one)
    return found


def said(answer: HttpResponseBase) -> str:
    """The text of an answer, streamed or not."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore
    return content.decode("utf-8", "replace")


def _form(address: str, form: Any) -> Form:
    values: dict[str, Any] = {}
    texts, files = set(), set()
    for element in form.inputs:
        name, kind = element.get("name"), (element.get("type") or "text").lower()
        if not name or kind in {"submit", "button"} or name == "csrfmiddlewaretoken":
            continue
        if element.tag == "select":
            options = [one for one in element.value_options if one]
            values[name] = element.value or (options[0] if options else "")
        elif kind == "file":
            files.add(name)
        elif kind in {"radio", "checkbox"}:
            if element.get("checked") is not None or name not in values:
                values[name] = element.get("value") or "on"
        else:
            values[name] = (element.text if element.tag == "textarea" else element.get("value")) or ""
            if element.tag == "textarea" or kind in {"text", "search", "tel", "email"}:
                texts.add(name)
    for button in form.iter("button"):
        if button.get("name"):
            values.setdefault(button.get("name"), button.get("value") or "")
    action = urljoin(address, form.get("action") or "").partition("#")[0]
    return Form(address, action, values, frozenset(texts), frozenset(files))
