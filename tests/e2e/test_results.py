"""Results in a browser, of a demo region: from a number to its definition and the cases behind it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import LANGUAGES, demo
from tests.e2e.test_accessible import check

CLAUSE = "/results/kept/nordjylland-example/answer-to-ready-notice/"


@pytest.fixture(scope="module")
def region(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo region on Wednesday 18 November 2026, counted."""
    yield from demo(tmp_path_factory.mktemp("demo") / "naer.sqlite3", "2026-11-18T10:42:00+01:00", 400)


def signed_in(browser: Browser, url: str, who: str, language: str = "en", script: bool = True) -> Page:
    context = browser.new_context(
        base_url=url, locale=language, java_script_enabled=script, bypass_csp=script
    )
    context.set_default_timeout(20_000)
    context.add_cookies([{"name": "naer_language", "value": language, "url": url}])
    page = context.new_page()
    page.goto("/sign-in/")
    page.locator(f"button[value={who}]").click()
    page.wait_for_url(f"{url}/")
    return page


def test_from_a_number_to_the_cases_behind_it(browser: Browser, region: str) -> None:
    """Without JavaScript: links, a form and <details> are enough."""
    page = signed_in(browser, region, "birgitte", script=False)
    page.get_by_role("link", name="Results", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Are we keeping what we agreed?")
    expect(page.locator(".small figure")).not_to_have_count(0)
    for picture in ("fun-t", "rd-t", "run-t"):
        assert page.locator(f"#{picture}").text_content()
    table = page.get_by_role("table", name="Kept in time by municipality")
    expect(table).not_to_be_visible()
    page.locator("#compared details summary").click()
    expect(table.get_by_role("row")).to_have_count(12)

    page.get_by_label("Municipality", exact=True).select_option("all")
    page.get_by_role("button", name="Apply").click()
    shown = page.locator(f".small a.num[href^='{CLAUSE}']")
    percent = (shown.text_content() or "").split(": ")[-1]
    shown.click()
    expect(page.get_by_role("heading", name="How it is counted")).to_be_visible()
    expect(page.locator("dl.facts")).to_contain_text("Obligations delivered at or before the due time.")
    exact = page.locator("strong.num").text_content() or ""
    assert round(float(exact.removesuffix("\xa0%").removesuffix(" %"))) == int(percent.rstrip("% \xa0"))
    page.get_by_role("link", name="Late, or not delivered").click()
    rows = page.locator("#cases tbody tr")
    expect(rows).not_to_have_count(0)
    expect(page.locator("#cases")).to_contain_text("Without names")
    expect(page.locator("#cases a[href*='/citizens/']")).to_have_count(0)
    page.context.close()


def test_a_coordinator_comes_to_the_citizen(browser: Browser, region: str) -> None:
    page = signed_in(browser, region, "mette")
    page.goto(f"{CLAUSE}?part=rest")
    page.locator("#cases tbody a").first.click()
    expect(page.locator("main")).to_contain_text("says when it can receive the citizen")
    assert "/citizens/" in page.url
    page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(language: str, browser: Browser, region: str) -> None:
    """With every <details> open: what is folded away is read too."""
    page = signed_in(browser, region, "birgitte", language)
    others = [f"{CLAUSE}?m=851", "/results/days-ready/?m=all"] if language == "en" else []
    wrong = [one for address in ("/results/", *others) for one in check(page, address, unfolded=True)]
    page.context.close()
    assert wrong == []
