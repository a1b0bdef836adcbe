"""The panel beside the chat in Chromium: edit a cog, press reload, see it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sandboxed import go_to, started, window, write
from tests.cogs.test_lifecycle import GREETING
from tests.framework.plugin_folder import Plugins

CONFIG = "[permissions]\ndefault = 1\n[plugins]\nextensions = database\ncogs = {cog} lifecycle\n"


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    files = Plugins(folder)
    files.write(GREETING.format(answer="'Ahoj.'"))
    return files


@pytest.fixture
def address(tmp_path, files):
    """``bin/patztabot --sandbox`` with the cog of ``files`` and no model; the address that it prints."""
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "patztabot_config.ini").write_text(CONFIG.format(cog=files.name))
    with started(PATZTA_DATA=str(tmp_path), PYTHONPATH=str(files.folder)) as address:
        yield address


@pytest.fixture
def page(chromium, address):
    """A window, closed before the server ends: what it then fails to reach is no problem of the page."""
    with window(chromium) as page:
        yield page


def greeting(page: Page) -> str:
    """Run /greet; what it answers."""
    answers = page.locator(".message[data-author=patztabot22] .content")
    before = answers.count()
    write(page, "/greet")
    expect(answers).to_have_count(before + 1)
    return answers.last.inner_text()


def test_edit_a_cog_press_reload_see_it(page, address, files) -> None:
    go_to(page, address, "general")
    assert greeting(page) == "Ahoj."
    page.get_by_role("button", name="Log and plugins").click()
    page.get_by_role("tab", name="Plugins").click()
    card = page.locator(f"[data-plugin={files.name}]")
    expect(card.locator(".state")).to_have_text("Serving")
    expect(card).to_contain_text("Greeting")

    files.write(GREETING.format(answer="'Nazdar.'"))
    expect(card.locator(".state")).to_have_text("Changed on disk")
    page.get_by_role("button", name="Reload all").click()
    expect(page.get_by_role("status").filter(has_text="Reloaded 2 cogs")).to_contain_text(f"new code: {files.name}")
    expect(card.locator(".state")).to_have_text("Serving")
    assert greeting(page) == "Nazdar."

    files.write("raise RuntimeError('no idea')\n")
    card.get_by_role("button", name="Reload").press("Enter")
    expect(card.locator(".state")).to_have_text("Failed")
    expect(card.locator("pre")).to_contain_text("RuntimeError: no idea")
    expect(card.get_by_role("button", name="Reload")).to_be_focused()
    assert greeting(page) == "Nazdar."


def test_log_and_requests_are_shown_as_they_come(page, address, files) -> None:
    go_to(page, address, "general")
    page.get_by_role("button", name="Log and plugins").press("Enter")
    expect(page.get_by_role("tab", name="Log")).to_be_focused()
    log, requests = page.get_by_role("log", name="Log of the bot"), page.get_by_role("log", name="Requests")
    files.write(GREETING.format(answer="1 / 0"))
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Reload all").click()
    expect(page.locator(".said")).to_contain_text("Reloaded")
    page.get_by_role("tab", name="Log").click()
    write(page, "/greet")
    failure = log.locator("li[data-level=error]").first
    expect(failure).to_contain_text("greet")
    expect(failure.locator("pre")).to_be_hidden()
    failure.locator("summary").click()
    expect(failure.locator("pre")).to_contain_text("ZeroDivisionError: division by zero")
    expect(requests.locator("li", has_text="/callback").first).to_contain_text("POST")
    page.get_by_label("Failed only").check()
    expect(requests.locator("li", has_text="/callback").first).to_be_hidden()
    page.get_by_label("Which lines are shown").select_option("error")
    expect(log.locator("li[data-level=warning], li[data-level=info]").locator("visible=true")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.get_by_role("button", name="Log and plugins")).to_be_focused()
    write(page, "/greet")
    expect(page.get_by_role("button", name="Log and plugins, with new errors")).to_be_visible()


def test_what_is_logged_stays_text(page, address, files) -> None:
    hostile = '<img src=x onerror="document.title=1">'
    go_to(page, address, "general")
    page.get_by_role("button", name="Log and plugins").click()
    files.write(f"raise RuntimeError({hostile!r})\n")
    page.get_by_role("tab", name="Plugins").click()
    page.get_by_role("button", name="Reload all").click()
    expect(page.locator(f"[data-plugin={files.name}] pre")).to_contain_text(hostile)
    expect(page.locator("#panel-log li", has_text="keeps its old code")).to_have_count(1)
    assert page.locator("#panel img").count() == 0


def test_on_a_phone_the_panel_covers_the_page(page, address) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    page.get_by_role("button", name="Log and plugins").click()
    assert page.locator("#panel").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 800}
    page.get_by_role("button", name="Close the panel").click()
    expect(page.locator("#composer")).to_be_visible()
