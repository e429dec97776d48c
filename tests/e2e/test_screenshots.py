"""The README's pictures, of the demo region on a weekday morning. Only when NAER_SCREENSHOTS is set."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import ROOT, demo

pytestmark = pytest.mark.skipif(not os.environ.get("NAER_SCREENSHOTS"), reason="NAER_SCREENSHOTS is not set")
FOLDER = ROOT / "docs" / "screenshots"
LARGEST = 300_000
"""Bytes of one picture."""


@pytest.fixture(scope="module")
def region(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo region, Wednesday 18 November 2026 at 10:42."""
    yield from demo(tmp_path_factory.mktemp("demo") / "naer.sqlite3", "2026-11-18T10:42:00+01:00", 900)


def richest(page: Page) -> str:
    """The citizen in hospital with the most states on their thread."""
    links = page.locator("#side table a")
    found = {}
    for address in [str(links.nth(number).get_attribute("href")) for number in range(links.count())]:
        page.goto(address)
        bars = page.locator(".thread g[data-state]")
        states = {bars.nth(number).get_attribute("data-state") for number in range(bars.count())}
        found[address] = (len(states), bars.count())
    return max(found, key=lambda address: found[address])


def test_screenshots(browser: Browser, region: str) -> None:
    context = browser.new_context(base_url=region, viewport={"width": 1280, "height": 1000}, locale="en")
    page = context.new_page()
    page.goto("/sign-in/")
    page.locator("button[value=soren]").click()
    page.wait_for_url(f"{region}/")
    FOLDER.mkdir(exist_ok=True)

    def picture(name: str, height: int = 1000) -> None:
        page.set_viewport_size({"width": 1280, "height": height})
        path = Path(FOLDER / f"{name}.png")
        page.screenshot(path=path)
        assert path.stat().st_size <= LARGEST

    picture("today")
    page.goto(richest(page))
    picture("pathway", 1100)
    page.goto("/agreements/nordjylland-example/")
    picture("agreement", 1100)
    page.get_by_role("button", name="Sign out").click()
    page.locator("button[value=birgitte]").click()
    page.wait_for_url(f"{region}/")
    page.goto("/results/")
    picture("results", 1100)
    page.goto("/results/?m=all#compared")
    picture("results-compared", 1100)
    context.close()
