"""A message leaves, is receipted, and arrives; one that does not is found, and somebody deals with it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import LANGUAGES, NewContext, Site, run, serve
from tests.e2e.test_accessible import check


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own, with messages out in every state, and the process beside it that delivers."""
    database = tmp_path_factory.mktemp("out") / "naer.sqlite3"
    seeded = run(database, "seed_out.py")
    for url in serve(database):
        yield Site(url, seeded)


def test_from_the_obligation_to_the_receipt(new_context: NewContext, site: Site) -> None:
    """The report that is owed is sent, can be stopped for a minute, leaves, and is there."""
    page = new_context().new_page()
    page.goto(f"/citizens/{site.seeded['citizen']}/obligations/{site.seeded['obligation']}/")
    expect(page.get_by_label("How").locator("option").first).to_contain_text(
        "sent from here to Prøvesygehuset"
    )
    page.get_by_label("Note").fill("Help morning and evening")
    page.get_by_role("button", name="Record").click()
    expect(page.locator(".said")).to_contain_text("leaves in a minute")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Messages").click()
    page.get_by_role("link", name="Went out").click()
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("Waiting")
    expect(first).to_contain_text("Until then it can be taken back.")
    first.get_by_role("link").click()
    page.get_by_role("button", name="Send now").click()
    for _ in range(60):
        if "Acknowledged" in (page.locator(".page__head").text_content() or ""):
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator(".page__head")).to_contain_text("Acknowledged")
    expect(page.get_by_role("table").filter(has_text="Handed over")).to_be_visible()

    there = new_context("doris").new_page()
    there.goto("/messages/")
    arrived = there.locator("tbody tr", has_text="Admission report").first
    expect(arrived).to_contain_text("Within this installation")
    expect(arrived).to_contain_text("Accepted")


def test_what_needs_somebody_is_emptied_by_somebody(new_context: NewContext, site: Site) -> None:
    """Without JavaScript: everything is links and forms."""
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/messages/needs-somebody/")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("There is no connection to the receiver.")
    page.locator(f"#out-{site.seeded['turned-down']}").click()
    expect(page.locator("#iss-h + table")).to_contain_text("A code is not known here.")
    page.get_by_text("Give it up").first.click()
    page.get_by_label("What you did instead").fill("Wrote it anew")
    page.get_by_role("button", name="Give it up").click()
    expect(page.locator(".page__head")).to_contain_text("Mette Skitse gave it up: Wrote it anew")
    page.goto("/messages/needs-somebody/")
    expect(rows).to_have_count(2)


def test_notices_are_noted(page: Page) -> None:
    page.goto("/messages/notices/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Messages")
    page.get_by_role("button", name="Note those on this page").click()
    expect(page.locator(".said")).to_contain_text("noted.")
    expect(page.locator(".empty")).to_have_text("No new notice.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible(language: str, new_context: NewContext, site: Site) -> None:
    page = new_context(language=language, locale=language, bypass_csp=True).new_page()
    states = ("late", "turned-down")
    if language == "en":
        states = ("waiting", "late", "failed", "turned-down", "acknowledged", "given-up")
    addresses = [
        "/messages/",
        "/messages/out/",
        "/messages/needs-somebody/",
        "/messages/notices/?all",
        *(f"/messages/out/{site.seeded[state]}/" for state in states),
    ]
    wrong = [one for address in addresses for one in check(page, address, unfolded=True)]
    office = new_context("inge", language=language, locale=language, bypass_csp=True).new_page()
    wrong += check(office, "/messages/connections/")
    assert wrong == []
