"""The page in Chromium, as a visitor uses it: write to the double, see it type and answer."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.sandboxed import go_to, started, window, write
from tests.conftest import DATA

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def address(demo):
    """``bin/patztabot --sandbox``, and the address that it prints."""
    with started(PATZTA_DATA=str(DATA)) as address:
        yield address


@pytest.fixture
def page(chromium):
    with window(chromium) as page:
        yield page


def test_a_message_is_answered_on_the_page(page, address) -> None:
    go_to(page, address, "patztabot22-direct")
    write(page, "ahoj, jak se máš?")
    mine = page.locator(".message[data-author=vilem]", has_text="ahoj, jak se máš?").last
    expect(mine).to_be_visible()
    answer = page.locator(f'[data-message-id="{mine.get_attribute("data-message-id")}"] ~ .message .content')
    expect(answer.first).not_to_be_empty(timeout=60_000)


def test_the_bots_own_commands_work_on_the_page(page, address) -> None:
    go_to(page, address, "general")
    held: list[Route] = []
    page.route("**/commands?*", lambda route: held.append(route))
    with page.expect_request("**/commands?*"):
        write(page, "/ping")
    expect(page.locator("#composer")).to_have_value("/ping")
    for route in held:
        route.continue_()
    expect(page.locator(".message[data-author=patztabot22] .content", has_text="Pong.").last).to_be_visible()


def test_the_menu_of_an_answer_offers_to_regenerate_it(page, address) -> None:
    go_to(page, address, "patztabot22-direct")
    answer = page.locator(".message[data-author=patztabot22]", has=page.get_by_label("Apps")).last
    expect(answer).to_be_visible()
    number = answer.get_attribute("data-message-id")
    answer.hover()
    answer.get_by_label("Apps").click()
    page.get_by_role("menuitem", name="Regenerate").click()
    expect(page.locator(f'[data-message-id="{number}"]')).to_have_count(0, timeout=60_000)
    newer = page.locator(".message[data-author=patztabot22]", has=page.get_by_label("Apps")).last
    expect(newer).to_be_visible(timeout=60_000)
