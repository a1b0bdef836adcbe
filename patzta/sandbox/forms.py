"""Modals: what a person entered, in the shape in which Discord sends it to the bot.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-modal-submit-data-structure
"""

from collections.abc import Callable
from typing import Any

from patzta.sandbox.components import SELECTS, Kind, check_values
from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import Json
from patzta.sandbox.reading import items

MAX_TEXT = 4000

Entered = Callable[[Json, Any], Json]


def filled(components: list[Json], fields: Json) -> list[Json]:
    """A modal's submit data: the shape of its definition, with what the person entered.

    `fields` maps custom ids to a text, a list of values, or for a checkbox a bool. Raises ApiError 50035.
    """
    return [_answer(component, fields) for component in components]


def _answer(component: Json, fields: Json) -> Json:
    kind = component["type"]
    answer: Json = {"type": kind, "id": component["id"]}
    if kind == Kind.ACTION_ROW:
        return answer | {"components": filled(component["components"], fields)}
    if kind == Kind.LABEL:
        return answer | {"component": _answer(component["component"], fields)}
    if "custom_id" not in component:
        return answer
    return answer | {"custom_id": component["custom_id"]} | _entry(component, fields)


def _entry(component: Json, fields: Json) -> Json:
    kind = component["type"]
    if kind == Kind.TEXT_INPUT:
        return {"value": _text(component, fields)}
    if kind == Kind.CHECKBOX:
        return {"value": bool(fields.get(component["custom_id"], component.get("default", False)))}
    values = _values(component, fields)
    if kind == Kind.RADIO_GROUP:
        return {"value": values[0] if values else None}
    return {"values": values}


def _text(component: Json, fields: Json) -> str:
    value = str(fields.get(component["custom_id"], component.get("value") or ""))
    least = component.get("min_length") or (1 if component.get("required", True) else 0)
    if not least <= len(value) <= (component.get("max_length") or MAX_TEXT):
        raise ApiError.invalid(component["custom_id"], "BASE_TYPE_BAD_LENGTH", "The text is too short or too long.")
    return value


def _values(component: Json, fields: Json) -> list[str]:
    preset = [option["value"] for option in items(component, "options") if option.get("default")]
    entered = fields.get(component["custom_id"], preset)
    values = [str(value) for value in (entered if isinstance(entered, list) else [entered])]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if values or component.get("required", True):
        check_values(component, values)
    return values


def parts(components: list[Json]) -> list[tuple[int, list[str]]]:
    """The kind and the values of everything in submit data that may name an id."""
    found: list[tuple[int, list[str]]] = []
    for component in components:
        inner = component.get("component", component)
        if inner["type"] in SELECTS or inner["type"] == Kind.FILE_UPLOAD:
            found.append((inner["type"], inner["values"]))
    return found
