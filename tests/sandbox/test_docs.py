"""docs/sandbox.md names every request of the control API and every option of the command."""

import re

from patzta.sandbox import __main__, acts, control, experiments
from patzta.settings import ROOT

TEXT = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_the_table_is_the_control_api():
    routes = [*control.ROUTES, *acts.ROUTES, *experiments.ROUTES]
    real = {f"{route.method} {route.path.removeprefix(control.BASE).strip('/')}" for route in routes}
    assert set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) [a-z]+)`", TEXT)) == real


def test_the_options_are_documented(capsys):
    try:
        __main__.arguments(["--help"])
    except SystemExit:
        options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    for_programs = {"--strict-port", "--end-with-parent", "--share"}
    assert {option for option in options if option not in TEXT} == for_programs
