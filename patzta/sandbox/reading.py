"""Reading parts of untyped JSON bodies, where null and "not given" mean the same."""

from typing import Any

from patzta.sandbox.models import Json


def items(body: Json, key: str) -> list[Any]:
    """The list under `key`, empty when there is none."""
    found: list[Any] | None = body.get(key)
    return found or []


def section(body: Json, key: str) -> Json:
    """The object under `key`, empty when there is none."""
    found: Json | None = body.get(key)
    return found or {}
