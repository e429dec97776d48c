"""Axe finds nothing, and nothing scrolls sideways: every page, language, scheme and width.

Without NAER_LANGUAGES axe looks at a page at one width in light colours and at the other in dark ones, at the
next page the other way round.
"""

import os
from itertools import cycle
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import LANGUAGES, NewContext, Site

TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The only rules that a colour scheme can break: with the same page in the same window, the rest is equal."""

VIEWS = [
    (width, scheme, rules) for width in (1440, 390) for scheme, rules in (("light", TAGS), ("dark", COLOURS))
]
TURNS = cycle([VIEWS] if "NAER_LANGUAGES" in os.environ else [[VIEWS[0], VIEWS[3]], [VIEWS[1], VIEWS[2]]])


def addresses(site: Site) -> list[str]:
    """Every page, with something on it."""
    citizen = f"/citizens/{site.seeded['citizen']}/"
    return [
        "/",
        "/?old=1",
        "/citizens/",
        citizen,
        f"{citizen}?pathway=1",
        f"{citizen}obligations/{site.seeded['obligation']}/",
        f"{citizen}record/",
        f"{citizen}record/?kind=need_assessed",
        f"{citizen}undo/{site.seeded['event']}/",
        "/messages/",
        f"/messages/{site.seeded['message']}/",
        f"/messages/{site.seeded['refused']}/",
        "/messages/upload/",
        "/conversations/",
        "/conversations/?show=all",
        f"/conversations/{site.seeded['talk']}/",
        f"/conversations/{site.seeded['unread']}/",
        f"/conversations/{site.seeded['waiting']}/",
        f"/conversations/{site.seeded['talk']}/forward/",
        f"{citizen}write/",
        f"{citizen}can-receive/",
        "/agreements/",
        "/agreements/nordjylland-example/",
        "/results/?period=now&m=all",
        "/results/?period=3",
        "/results/kept/nordjylland-example/admission-report/?period=now&m=all",
        "/results/days-ready/?period=now&m=all",
        "/results/readmitted/?period=now&m=all",
        "/nothing-here/",
    ]


def check(page: Page, address: str, *, unfolded: bool = False) -> list[str]:
    """What is wrong with a page, at both widths and in both schemes; `unfolded` opens every <details>."""
    page.goto(address)
    if unfolded:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate(Axe().axe_script)
    wrong = []
    for width, scheme, rules in next(TURNS):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            wrong.append(f"{address} scrolls sideways: {wide} px in {width} px")
        page.emulate_media(color_scheme=scheme)
        wrong += [f"{address} {width} {scheme} {one}" for one in violations(page, rules)]
    return wrong


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe finds, with the first element of each kind."""
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page(language: str, new_context: NewContext, site: Site) -> None:
    context = new_context(language=language, locale=language, bypass_csp=True)
    page = context.new_page()
    wrong = [one for address in addresses(site) for one in check(page, address)]
    assert page.locator("html").get_attribute("lang") == language
    context.clear_cookies(name="sessionid")
    wrong += check(page, "/sign-in/")
    assert wrong == []


def test_axe_would_find_something(new_context: NewContext) -> None:
    page = new_context(bypass_csp=True).new_page()
    page.goto("/citizens/")
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate(Axe().axe_script)
    assert any(one.startswith("label") for one in violations(page, TAGS))
