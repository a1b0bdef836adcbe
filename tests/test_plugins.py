"""What each of our plugins declares: the services that it asks for."""

import ast
import importlib
from pathlib import Path

import discord
import pytest

from patzta.framework.gate import declared_level
from patzta.services import ServiceKey
from patzta.settings import ROOT


def plugins() -> list[str]:
    found = [path for folder in ("cogs", "extensions") for path in (ROOT / folder).iterdir()]
    return [f"{path.parent.name}.{path.stem}" for path in found if path.stem[0] != "_"]


def asked_for(source: str) -> set[str]:
    """The names of the keys in ``services.get(KEY)``."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {
        ast.unparse(call.args[0])
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "get"
        and ast.unparse(call.func.value).endswith("services")
    }


def sources(name: str) -> list[Path]:
    path = ROOT / name.replace(".", "/")
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def test_the_reader_of_sources() -> None:
    assert asked_for("a = self._bot.services.get(GENERATE)\nb = {}.get(KEY)") == {"GENERATE"}


@pytest.mark.parametrize("name", plugins())
def test_a_plugin_declares_the_services_that_it_asks_for(name) -> None:
    module = importlib.import_module(name)
    required: tuple[ServiceKey, ...] = getattr(module, "REQUIRES", ())
    for source in sources(name):
        text = source.read_text()
        whole = "".join(other.read_text() for other in sources(name))
        inside = importlib.import_module(".".join(source.relative_to(ROOT).with_suffix("").parts))
        for key in asked_for(text):
            optional = f"services.has({key})" in text
            provided = f"services.provide({key}" in whole
            assert getattr(inside, key) in required or optional or provided, f"{source.name}: {key}"


def interactive_classes() -> list[type]:
    """Every view, form and dynamic item that our cogs define."""
    kinds = (discord.ui.View, discord.ui.LayoutView, discord.ui.Modal, discord.ui.DynamicItem)
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in (ROOT / "cogs").rglob("*.py")]
    modules = [importlib.import_module(name.removesuffix(".__init__")) for name in names]
    found = [thing for module in modules for thing in vars(module).values() if isinstance(thing, type)]
    return [thing for thing in found if issubclass(thing, kinds) and thing.__module__.startswith("cogs.")]


def test_every_button_and_form_declares_its_level() -> None:
    assert interactive_classes()
    assert [thing for thing in interactive_classes() if declared_level(thing) is None] == []
