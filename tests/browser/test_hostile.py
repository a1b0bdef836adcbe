"""Text that means harm stays text, and other web pages stay out."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import discord
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import async_playwright, expect

from tests.browser.conftest import DESKTOP, FLAGS, PHONE, message

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARKUP = """<img src=x onerror="document.title='harm'"><script>document.title='harm'</script>
<svg onload="document.title='harm'"><iframe src="javascript:parent.document.title='harm'"></iframe>
[x](javascript:document.title='harm') <javascript:alert(1)> [y](data:text/html,<script>1</script>)
&lt;b&gt; {{7*7}} ${7*7} </div></article> <a href="https://evil.example">z</a>"""
ZALGO = "Z" + "\u0300\u0301\u0302\u0310\u0352\u0357\u0316\u0317\u0320\u0324" * 20 + "algo"
DIRECTIONS = "\u202egnp.exe \u2066\u2067 normal"
WORD = "w" * 2000
NESTED = "**__~~*||" * 200 + "x"
UNCLOSED = "*a `b` _c [d](" * 140
QUOTES = ">>> > " * 300
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


async def test_markup_in_a_message_is_only_text(chat, people):
    page = await chat.open()
    sent = await chat.say(page, "cizinec", MARKUP)
    text = sent.locator(".body .content")
    await expect(text).to_contain_text("<script>document.title='harm'</script>")
    await expect(text.locator("img, script, svg, iframe")).to_have_count(0)
    await expect(text.get_by_role("link")).to_have_attribute("href", 'https://evil.example">z')
    await expect(page).not_to_have_title("harm")


async def test_markup_in_every_other_place_is_only_text(chat, bot, people):
    page = await chat.open()
    short = "<img src=x onerror=document.title='harm'>"
    channel = bot.get_channel(int((await people.channel("general"))["id"]))
    card = discord.Embed(title=short, description=MARKUP, url="https://example.com").set_footer(text=short)
    card.add_field(name=short, value=short).set_author(name=short)
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label=short, custom_id="a"))
    options = [discord.SelectOption(label=short, description=short)]
    view.add_item(discord.ui.Select(placeholder=short, custom_id="b", options=options))
    sent = message(page, str((await channel.send(embed=card, view=view)).id))
    await sent.locator(".chooser").click()
    await expect(sent.get_by_role("option")).to_contain_text(short)
    await page.keyboard.press("Escape")
    poll = discord.Poll(short, timedelta(hours=1))
    poll.add_answer(text=short)
    await message(page, str((await channel.send(poll=poll)).id)).wait_for()
    hook = await bot.get_channel(int((await people.channel("random"))["id"])).create_webhook(name="hook")
    await hook.send("hello", username=short)
    thread = await people.create_thread("vilem", "random", short)
    await page.locator("[data-channel-name=random]").click()
    await expect(page.locator(".author", has_text=short)).to_be_visible()
    await page.locator(f'[data-key="{thread["id"]}"]').click()
    await expect(page.locator("#channel-title")).to_have_text(short)
    await expect(page.locator("img[src=x]")).to_have_count(0)
    await expect(page).not_to_have_title("harm")


@pytest.mark.parametrize("address", ["javascript:document.title='harm'", "data:text/html,x", "file:///etc/passwd"])
async def test_links_of_bots_lead_nowhere_but_to_the_web(chat, people, address):
    page = await chat.open()
    sent = await people.send("vilem", "general", "a link")
    await expect(message(page, sent["id"])).to_be_visible()  # else its event comes after what is put here
    await page.evaluate(
        """async ([id, url]) => {
            const { state, put, changed } = await import("/page/store.js");
            const message = [...state.messages.values()].map((one) => one.get(id)).find(Boolean);
            const button = { type: 1, components: [{ type: 2, style: 5, label: "go", url }] };
            const embed = { title: "title", url, author: { name: "author", url }, image: { url } };
            put({ ...message, components: [button], embeds: [embed] });
            changed();
        }""",
        [sent["id"], address],
    )
    shown = message(page, sent["id"])
    await expect(shown.locator(".embed")).to_be_visible()
    await expect(shown.locator("a[href]")).to_have_count(0)
    await expect(shown.locator("img:not(.avatar)")).to_have_count(0)


@SIZES
@pytest.mark.parametrize(
    "text",
    [WORD, ZALGO, DIRECTIONS, NESTED, UNCLOSED[:2000], QUOTES[:2000]],
    ids=["word", "zalgo", "direction", "nested", "unclosed", "quotes"],
)
async def test_strange_text_keeps_to_its_place(chat, text, size):
    page = await chat.open(viewport=size)
    before = await chat.say(page, "bara", "the one before")
    sent = await chat.say(page, "cizinec", text)
    after = await chat.say(page, "bara", "the one after")
    await expect(after).to_be_visible()
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
    assert await page.evaluate("() => document.querySelector('#messages').scrollWidth") <= size["width"]
    boxes = [await one.bounding_box() for one in (before, sent, after)]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"] + 1
    assert boxes[1]["y"] + boxes[1]["height"] <= boxes[2]["y"] + 1
    assert boxes[1]["width"] <= size["width"]


@SIZES
async def test_a_layout_of_four_thousand_letters(chat, bot, people, size):
    page = await chat.open(viewport=size)
    channel = bot.get_channel(int((await people.channel("general"))["id"]))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(discord.ui.TextDisplay("x" * 2000), discord.ui.TextDisplay("*_" * 1000)))
    sent = message(page, str((await channel.send(view=view)).id))
    await expect(sent).to_contain_text("x" * 2000)
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
    box = await sent.locator(".container").bounding_box()
    assert box["x"] + box["width"] <= size["width"]


async def test_what_slows_others_down_is_drawn_at_once(chat):
    page = await chat.open()
    units = ["*a `b` ", "[", "*", "**_", "||", "<t:1>", "`", "> ", "- ", "https://", "_a"]
    texts = [unit * (4000 // len(unit)) for unit in units]
    spent = await page.evaluate(
        """async (texts) => {
            const { markdown } = await import("/page/markdown.js");
            const from = performance.now();
            for (const text of texts) markdown(text);
            return performance.now() - from;
        }""",
        texts,
    )
    assert spent < 5000, "milliseconds for some of the longest texts that there can be"


async def test_the_writing_direction_of_a_name_ends_with_the_name(chat, bot, people):
    page = await chat.open("vilem", "random")
    hook = await bot.get_channel(int((await people.channel("random"))["id"])).create_webhook(name="hook")
    await hook.send("hello", username="\u202eeman")
    head = page.locator(".head", has=page.locator("bdi", has_text="eman")).last
    await expect(head.locator("bdi")).to_have_css("unicode-bidi", "isolate")
    name, time = [await head.locator(part).bounding_box() for part in (".author", "time")]
    assert name["x"] < time["x"]


async def test_every_answer_forbids_scripts_that_are_not_the_pages(sandbox):
    paths = [
        "/",
        "/page/app.js",
        "/page/base.css",
        "/page/icon.svg",
        "/sandbox/api/snapshot",
        "/nothing",
        "/page/nothing",
    ]
    async with aiohttp.ClientSession() as session:
        for path in paths:
            async with session.get(sandbox.url + path) as response:
                policy = response.headers["Content-Security-Policy"]
                assert "script-src 'self'" in policy
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert "frame-ancestors 'none'" in policy
                assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_script_that_gets_into_the_page_does_not_run(chat):
    page = await chat.open()
    await page.evaluate(
        """() => {
            window.refused = [];
            const hear = (event) => window.refused.push(event.effectiveDirective);
            document.addEventListener("securitypolicyviolation", hear);
            const script = document.createElement("script");
            script.textContent = "document.title = 'harm'";
            document.body.append(script);
            const box = document.createElement("div");
            box.innerHTML = `<img src="/page/icon.svg" onload="document.title = 'harm'"><p style="color: red">x</p>`;
            document.body.append(box);
        }"""
    )
    await page.wait_for_function("() => window.refused.length >= 3")
    assert sorted(await page.evaluate("() => window.refused")) == [
        "script-src-attr",
        "script-src-elem",
        "style-src-attr",
    ]
    await expect(page).not_to_have_title("harm")
    chat.problems.clear()


@pytest_asyncio.fixture(loop_scope="module")
async def elsewhere() -> AsyncIterator[str]:
    """Another web page on this computer, on a port of its own."""

    async def index(_: web.Request) -> web.Response:
        return web.Response(text="<title>elsewhere</title>", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", index)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


ATTEMPTS = {
    "read": """(url) => fetch(`${url}/sandbox/api/snapshot`).then(() => "done", () => "refused")""",
    "hear": """(url) => new Promise((done) => {
        const socket = new WebSocket(`${url.replace("http", "ws")}/sandbox/events`);
        socket.onmessage = () => done("done");
        socket.onerror = () => done("refused");
    })""",
    "run its scripts": """(url) => new Promise((done) => {
        const script = Object.assign(document.createElement("script"), { src: `${url}/page/ansi.js` });
        script.onload = () => done("done");
        script.onerror = () => done("refused");
        document.head.append(script);
    })""",
    "show its pictures": """(url) => new Promise((done) => {
        const image = Object.assign(new Image(), { src: `${url}/avatars/1000000000000000001.svg` });
        image.onload = () => done("done");
        image.onerror = () => done("refused");
    })""",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_another_page_gets_nothing_out_of_the_sandbox(sandbox, browser, elsewhere, attempt):
    page = await browser.new_page()
    await page.goto(elsewhere)
    assert await page.evaluate(ATTEMPTS[attempt], sandbox.url) == "refused"
    await page.goto(sandbox.url)
    assert await page.evaluate(ATTEMPTS[attempt], sandbox.url) == "done", "the page itself may"
    await page.close()


async def test_another_page_cannot_write(sandbox, browser, elsewhere, people):
    page = await browser.new_page()
    write = """([url, body]) => fetch(`${url}/sandbox/api/messages`, { method: "POST", mode: "no-cors", body })
        .then(() => "done", () => "refused")"""
    forged = [sandbox.url, '{"as": "vilem", "channel": "general", "content": "forged"}']
    await page.goto(elsewhere)
    before = await people.messages("vilem", "general")
    assert await page.evaluate(write, forged) == "refused"
    assert await people.messages("vilem", "general") == before
    await page.goto(sandbox.url)
    assert await page.evaluate(write, forged) == "done", "the page itself may"
    assert (await people.messages("vilem", "general"))[-1]["content"] == "forged"
    await page.close()


async def test_another_page_cannot_frame_the_page(sandbox, browser, elsewhere):
    page = await browser.new_page()
    await page.goto(elsewhere)
    await page.evaluate(
        """(url) => new Promise((done) => {
            const frame = Object.assign(document.createElement("iframe"), { src: url, onload: done });
            document.body.append(frame);
        })""",
        sandbox.url,
    )
    assert page.frames[1].url.startswith("chrome-error:")
    await page.close()


async def test_a_name_that_was_pointed_here_is_refused(sandbox, chromium):
    port = sandbox.url.rpartition(":")[2]
    async with async_playwright() as playwright:
        rule = "--host-resolver-rules=MAP rebound.example 127.0.0.1"
        browser = await playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, rule])
        page = await browser.new_page()
        answer = await page.goto(f"http://rebound.example:{port}/")
        assert answer is not None
        assert answer.status == 403
        outcome = await page.evaluate(
            """() => new Promise((done) => {
                const socket = new WebSocket(`ws://${location.host}/sandbox/events`);
                socket.onmessage = () => done("heard");
                socket.onerror = () => done("refused");
            })"""
        )
        assert outcome == "refused"
        await browser.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "127.0.0.1.rebound.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Host": "rebound.example", "Origin": "http://rebound.example"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/", "/sandbox/api/snapshot", "/sandbox/events", "/gateway"])
async def test_foreign_hosts_and_origins_are_refused(sandbox, headers, path):
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    sent = headers | (upgrade if path in ("/sandbox/events", "/gateway") else {})
    async with aiohttp.ClientSession() as session, session.get(sandbox.url + path, headers=sent) as response:
        assert response.status == 403
        assert "own address" in (await response.json())["message"]
