"""The main job in a browser: a message comes, an obligation appears by itself, somebody fulfils it."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewContext, Site


def test_from_message_to_fulfilled_obligation(page: Page, site: Site) -> None:
    """The whole way, without reloading the page by hand."""
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today in")
    expect(page.locator("#work-list")).not_to_contain_text("Svend Attrap")
    page.locator("#f-name").fill("half a na")
    page.locator("#f-name").focus()

    assert site.post(site.seeded["arrival"].encode()) == 200

    row = page.locator("#work-list tr", has_text="Svend Attrap")
    expect(row).to_be_visible(timeout=25_000)
    expect(page.get_by_role("status")).to_contain_text("Updated")
    assert page.locator("#f-name").input_value() == "half a na"
    assert page.evaluate("document.activeElement.id") == "f-name"
    expect(page.locator("#side")).to_contain_text("Svend Attrap")

    row.get_by_role("link", name="Record").click()
    page.get_by_label("How").select_option("phone")
    page.get_by_label("Note").fill("Read out to the ward")
    page.get_by_role("button", name="Record").click()
    expect(page.locator(".said")).to_contain_text("Recorded:")
    expect(page.locator("table", has_text="Who owes whom")).to_contain_text("Kept")

    page.get_by_role("link", name="Take back").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.locator(".said")).to_contain_text("Taken back.")
    expect(page.locator("#log")).to_contain_text("Cancelled")


def test_the_same_without_javascript(new_context: NewContext, site: Site) -> None:
    """Forms post, pages load, nothing is hidden."""
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.locator("#f-name").fill("Karen")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#work-list")).to_contain_text("Karen Testgaard")
    page.locator("#work-list").get_by_role("link", name="Record").first.click()
    expect(page.get_by_role("heading", name="Record that it was done")).to_be_visible()
    page.goto("/agreements/nordjylland-example/")
    page.get_by_role("button", name="Show obligations").click()
    expect(page.locator("#try")).to_contain_text("Kept 30 min early")
    page.goto("/?all")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_by_keyboard_alone(new_context: NewContext) -> None:
    """Skip link, menu, list, form: everything is reached with Tab and Enter, and focus is seen."""
    page = new_context().new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Tab")
        if str(page.evaluate("document.activeElement.id")).startswith("act-"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Record that it was done")).to_be_visible()
    page.get_by_label("What was done").focus()
    for _ in range(16):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "submit":
            break
    assert page.evaluate("document.activeElement.textContent") == "Record"


def test_the_menu_on_a_phone(new_context: NewContext) -> None:
    page = new_context(viewport={"width": 390, "height": 800}).new_page()
    page.goto("/")
    menu = page.get_by_role("button", name="Menu")
    menu.click()
    expect(page.get_by_role("link", name="Agreements")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("navigation", name="Main")).not_to_be_visible()


def test_upload_in_the_browser(new_context: NewContext, site: Site) -> None:
    page = new_context().new_page()
    page.goto("/messages/upload/")
    page.get_by_label("Message files").set_input_files(
        [{"name": "broken.json", "mimeType": "application/json", "buffer": b"{"}]
    )
    page.get_by_role("button", name="Take them in").click()
    expect(page.locator("table", has_text="broken.json")).to_contain_text("Refused")


def test_a_session_that_ended_leads_to_sign_in(new_context: NewContext) -> None:
    context = new_context()
    page = context.new_page()
    page.goto("/")
    context.clear_cookies(name="sessionid")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in", timeout=25_000)
