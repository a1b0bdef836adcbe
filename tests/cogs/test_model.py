"""/model list, use, info, over the sandbox."""

import pytest

from tests.running import DIRECT

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def run(talk, command: str, **options) -> dict:
    return await talk.people.answer(await talk.people.command("vilem", DIRECT, command, options))


async def test_an_admin_sees_which_models_there_are_and_changes_them(talk, model) -> None:
    assert (await run(talk, "model list"))["content"] == "**`fake`** speaks\n`other`"
    changed = await run(talk, "model use", name="other")
    assert changed["content"].startswith("`other` speaks from now on")
    assert changed["flags"] & 64
    assert model.speaks == "other"
    assert (await run(talk, "model list"))["content"] == "`fake`\n**`other`** speaks"


async def test_a_model_that_is_not_there_is_named(talk, model) -> None:
    answer = await run(talk, "model use", name="../secret")
    assert "there is no such model; /model list names those there are" in answer["content"]
    assert model.speaks == "fake"


async def test_how_it_is(talk) -> None:
    text = (await run(talk, "model info"))["content"]
    assert text.splitlines() == [
        "**ready** `fake`",
        "the double of Nobody, training `01234567`",
        "weights nf4, 3.0 GiB",
        "42 tokens a second lately",
        "2 being answered, 1 waiting",
    ]


async def test_nobody_else_may(talk) -> None:
    direct = (await talk.people.open_dm("bara", "patztabot22"))["id"]
    for command in ("model list", "model info"):
        answer = await talk.people.answer(await talk.people.command("bara", direct, command))
        assert answer["content"] == "This needs the level admin; yours is visible."


async def test_names_are_offered(talk) -> None:
    choices = await talk.people.autocomplete("vilem", DIRECT, "model use", "name", {"name": "OTH"})
    assert [choice["value"] for choice in choices] == ["other"]
