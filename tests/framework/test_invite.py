"""``--invite``: the link, and what is said when there is no token to make it of."""

import sys
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from cogs.evaluation._likeness import NEEDED
from patzta.framework import command
from patzta.framework.invite import bot_id, invite, permissions
from patzta.settings import PATZTABOT, SHELLBOT, SettingsError

TOKEN = "MTIwMTM4NDAyMzAwMDAwMDAwMA.GabcdE.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


@pytest.mark.parametrize("program", [PATZTABOT, SHELLBOT])
def test_the_link_names_bot_scopes_and_permissions(tmp_path, program) -> None:
    (tmp_path / program.token).write_text(f"{TOKEN}\n")
    address = urlsplit(invite(program, tmp_path))
    assert (address.scheme, address.netloc, address.path) == ("https", "discord.com", "/oauth2/authorize")
    query = parse_qs(address.query)
    bits = query.pop("permissions")
    assert query == {"client_id": ["1201384023000000000"], "scope": ["bot applications.commands"]}
    assert discord.Permissions(int(bits[0])) == permissions(program)


def test_no_more_than_is_used_is_asked_for() -> None:
    double, shell = permissions(PATZTABOT), permissions(SHELLBOT)
    assert shell < double
    assert double >= NEEDED
    assert not double.administrator
    assert not double.manage_messages


def test_the_shape_of_tokens() -> None:
    assert bot_id(TOKEN) == 1201384023000000000
    for wrong in ("", "a", "MTIz.b", "MTIz.b.", "YWJj.b.c", "MTIz.b.c.d", "é.b.c"):
        assert bot_id(wrong) is None


@pytest.mark.parametrize(
    ("token", "said"), [(None, "holds no token"), ("", "holds no token"), ("a.b.c", "Copy it again")]
)
def test_a_token_that_is_none_is_named(tmp_path, token, said) -> None:
    file = tmp_path / PATZTABOT.token
    if token is not None:
        file.write_text(token)
    with pytest.raises(SettingsError, match=said) as caught:
        invite(PATZTABOT, tmp_path)
    assert str(caught.value).startswith(str(file))


def test_the_command_prints_the_link_alone(tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / SHELLBOT.token).write_text(TOKEN)
    monkeypatch.setattr(command, "invite", lambda program: invite(program, tmp_path))
    monkeypatch.setattr(sys, "argv", ["shellbot", "--invite"])
    assert command.main(SHELLBOT) == 0
    assert capsys.readouterr().out == f"{invite(SHELLBOT, tmp_path)}\n"
    (tmp_path / SHELLBOT.token).write_text("hunter2")
    assert command.main(SHELLBOT) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "hunter2" not in said.err
    assert "a token is three parts" in said.err


def test_the_sandbox_needs_no_link(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["patztabot", "--sandbox", "--invite"])
    with pytest.raises(SystemExit, match="2"):
        command.main(PATZTABOT)
    assert "--invite is about Discord" in capsys.readouterr().err
