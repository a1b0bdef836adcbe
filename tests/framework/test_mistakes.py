"""Each mistake of docs/check.md, made: ``--check`` says it with the remedy."""

import asyncio
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import discord
import pytest
from transformers import LlamaConfig

from patzta.framework.doctor import check
from patzta.framework.invite import DOUBLE
from patzta.framework.portal import about_servers
from patzta.inference.persona import Persona
from patzta.sandbox.pointing import pointed
from patzta.sandbox.process import SandboxProcess
from patzta.sandbox.world import OWNER, SANCTUARY
from patzta.settings import PATZTABOT, ROOT, read_settings
from tests.framework.test_doctor import TOKEN, checked, folder, nowhere

__all__ = ["folder", "nowhere"]

Make = Callable[[Path], object]


def config(old: str, new: str) -> Make:
    """The config with other words in it."""

    def change(folder: Path) -> None:
        file = folder / "patztabot_config.ini"
        said = file.read_text()
        assert old in said
        file.write_text(said.replace(old, new))

    return change


def token(text: str) -> Make:
    return lambda folder: (folder / "patztabot_token.txt").write_text(text)


def model(folder: Path, width: int = 8) -> Path:
    """A double in ``folder`` that the config names; ``width`` makes its base large."""
    made = folder / "me"
    made.mkdir()
    (made / "adapter.safetensors").write_bytes(b"weights")
    base = LlamaConfig(hidden_size=8, num_attention_heads=1, num_hidden_layers=2, intermediate_size=width)
    base.save_pretrained(folder / "base")
    Persona("Vilém", "../base", "0", "0").write(made)
    config("extensions = database", f"[model]\npath = {made}")(folder)
    return made


def both_bots(folder: Path) -> None:
    (folder / "shellbot_token.txt").write_text(TOKEN)


def a_file_as_data(folder: Path) -> None:
    (folder / "data").write_text("")


def half_copied(folder: Path) -> None:
    (model(folder) / "adapter.safetensors").write_bytes(b"weig")


def without_base(folder: Path) -> None:
    model(folder)
    shutil.rmtree(folder / "base")


NO_NETWORK = "cannot be reached, so that it was not asked"
LOCAL: dict[str, Make] = {
    "start bin/patztabot once": lambda folder: (folder / "patztabot_config.ini").unlink(),
    "unknown key; did you mean": config("saved =", "savd ="),
    "put your own Discord user ID in place of": config("1 owner", "YOUR_DISCORD_ID 4"),
    "is not a number; wanted is 'DISCORD_ID LEVEL'": config("1 owner", "robin owner"),
    "is no level; allowed are": config("1 owner", "1 boss"),
    "nobody is owner": config("1 owner", "1 admin"),
    "so is whoever shares a server with the bot": config("[permissions]", "[permissions]\ndefault = 1"),
    "holds none: copy it from": token(""),
    "holds a number, such as an application's ID": token("1201384023000000000"),
    "holds a client secret": token("abcdefghijklmnopqrstuvwxyz012345"),
    "holds a public key": token("0f" * 32),
    "holds the word Bot before the token": token(f"Bot {TOKEN}"),
    "holds quotes around the token": token(f'"{TOKEN}"'),
    "holds the other bot's": both_bots,
    "others on this computer can read": lambda folder: (folder / "patztabot_config.ini").chmod(0o644),
    "did you mean database?": config("extensions = database", "extensions = databse"),
    "cannot be imported: ImportError: win32 only": config("[plugins]", "[plugins]\ncogs = asyncio.windows_events"),
    "me/persona.json: not readable": config("extensions = database", "[model]\npath = {folder}/me"),
    "changed or damaged since training": half_copied,
    "its base model … is missing": without_base,
    "GiB of memory": lambda folder: model(folder, width=2**34),
    "cannot be written to": a_file_as_data,
    "not a database": lambda folder: (folder / "x.db").write_bytes(b"this is no database" * 100),
    NO_NETWORK: lambda _: None,
}
"""What is said of each mistake that shows without asking Discord; `…` stands for anything."""


def says(words: str, said: str) -> bool:
    return bool(re.search(".*".join(map(re.escape, words.split("…"))), said))


@pytest.mark.parametrize("words", LOCAL)
def test_a_mistake_is_found(folder, capsys, words) -> None:
    unchanged = checked(folder, capsys)[1]
    LOCAL[words](folder)
    assert says(words, unchanged) == (words == NO_NETWORK), "no false alarm"
    asyncio.run(check(PATZTABOT, folder, folder / "data"))
    assert says(words, capsys.readouterr().out)


def test_a_graphics_card_that_is_not_used(folder, capsys, monkeypatch) -> None:
    model(folder)
    assert "graphics card" not in checked(folder, capsys)[1]
    (folder / "nvidia-smi").touch(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    assert "does not use the graphics card: rm -r" in checked(folder, capsys)[1]


ONLINE: dict[str, tuple[Make, tuple[str, ...]]] = {
    "does not know this token": (token(TOKEN + "x"), ()),
    "switch on Message Content Intent": (lambda _: None, ("--without-intent", "message_content")),
    "[discord] guilds names 7, where the bot is not": (config("[plugins]", "[discord]\nguilds = 7\n[plugins]"), ()),
    "the bot is not on server 7": (config("[permissions]", "[permissions]\nroles =\n  7 crew mod"), ()),
    "has no role nobody": (config("[permissions]", f"[permissions]\nroles =\n  {SANCTUARY} nobody mod"), ()),
    "Discord has no user 1:": (lambda _: None, ()),
    "not a person": (config("2 mod", "{bot} mod"), ()),
}
"""The same of those that Discord knows: what is changed, and arguments of the sandbox."""


@pytest.mark.parametrize("words", ONLINE)
async def test_what_discord_says_is_told(folder, capsys, words) -> None:
    change, arguments = ONLINE[words]
    async with SandboxProcess("--bot", f"patztabot22:{TOKEN}", *arguments) as sandbox:
        change(folder)
        bot = sandbox.bots["patztabot22"]["id"]
        file = folder / "patztabot_config.ini"
        file.write_text(file.read_text().replace("{bot}", bot))
        with pointed(sandbox.url, sandbox.gateway):
            await check(PATZTABOT, folder, folder)
    assert words in capsys.readouterr().out


async def test_all_is_well_on_discord(folder, capsys) -> None:
    config("1 owner\n  2 mod", f"{OWNER} owner")(folder)
    async with SandboxProcess("--bot", f"patztabot22:{TOKEN}") as sandbox:
        with pointed(sandbox.url, sandbox.gateway):
            assert await check(PATZTABOT, folder, folder) == 0
    said = capsys.readouterr().out
    assert "ok   intents: it may read messages" in said
    assert "ok   servers: it is on Sanctuary" in said
    assert all(line.startswith("ok  ") for line in said.splitlines()), said


FEW = DOUBLE & ~discord.Permissions(attach_files=True, create_public_threads=True)
SERVERS = {
    "it is on none, and nobody can write to it": [],
    "on Home it may not attach files, create public threads": [
        {"id": "7", "name": "Home", "permissions": str(FEW.value)}
    ],
}


@pytest.mark.parametrize("words", SERVERS)
def test_servers_on_which_it_can_do_little(folder, words) -> None:
    found = about_servers(SERVERS[words], PATZTABOT, read_settings(folder / "patztabot_config.ini"))
    assert any(words in said and "bin/patztabot --invite" in said for state, said in found if state == "warn")


def test_the_docs_list_these_mistakes() -> None:
    listed = re.findall(r"^\| `(.+?)` \|", (ROOT / "docs" / "check.md").read_text(), re.M)
    elsewhere = {
        "does not use the graphics card", "is from a newer version", "are free in", "the config says … the store",
        "Connect call failed",
    }  # fmt: skip
    assert set(listed) == {*LOCAL, *ONLINE, *SERVERS, *elsewhere}
