"""What each of our plugins declares: the services that it asks for."""

import ast
import importlib
from pathlib import Path

import pytest

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
        inside = importlib.import_module(".".join(source.relative_to(ROOT).with_suffix("").parts))
        for key in asked_for(text):
            optional = f"services.has({key})" in text
            provided = f"services.provide({key}" in text
            assert getattr(inside, key) in required or optional or provided, f"{source.name}: {key}"
