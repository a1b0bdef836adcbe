"""Message components and modals: ids, limits and look-ups.

https://discord.com/developers/docs/components/reference
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any, cast

from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import Json
from patzta.sandbox.reading import items


class Kind(IntEnum):
    """Component types."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    CONTAINER = 17
    LABEL = 18


SELECTS = {
    Kind.STRING_SELECT,
    Kind.USER_SELECT,
    Kind.ROLE_SELECT,
    Kind.MENTIONABLE_SELECT,
    Kind.CHANNEL_SELECT,
}
MAX_ROWS = 5
MAX_TEXT = 4000
TOO_MUCH_TEXT = f"The total displayable text must be {MAX_TEXT} or fewer characters."
MAX_CUSTOM_ID = 100
LINK_STYLE = 5


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component with those inside it."""
    for component in components:
        yield component
        yield from walk(items(component, "components"))
        for key in ("component", "accessory"):
            if component.get(key):
                yield from walk([component[key]])


def prepared(components: list[Json], *, v2: bool = False) -> list[Json]:
    """Check what a bot sent and give each component its id, as Discord does. Raises ApiError 50035."""
    if not v2 and len(components) > MAX_ROWS:
        raise ApiError.invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    if not v2 and any(component.get("type") != Kind.ACTION_ROW for component in components):
        raise ApiError.invalid("components.0.type", "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
    clean: list[Json] = _without_nulls(components)
    if sum(len(part.get("content") or "") for part in walk(clean) if part.get("type") == Kind.TEXT_DISPLAY) > MAX_TEXT:
        raise ApiError.invalid("components", "COMPONENT_MAX_TOTAL_DISPLAYABLE_TEXT_SIZE_EXCEEDED", TOO_MUCH_TEXT)
    for number, component in enumerate(walk(clean), start=1):
        component["id"] = component.get("id") or number
        if component.get("type") in SELECTS:
            component.setdefault("min_values", 1)
            component.setdefault("max_values", 1)
    _check_custom_ids(clean)
    return clean


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in cast(Json, value).items() if item is not None}
    return value


def _check_custom_ids(components: list[Json]) -> None:
    seen: set[str] = set()
    for component in walk(components):
        custom_id = component.get("custom_id")
        if custom_id is None:
            continue
        if not 1 <= len(custom_id) <= MAX_CUSTOM_ID:
            raise ApiError.invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        if custom_id in seen:
            raise ApiError.invalid(
                "components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
            )
        seen.add(custom_id)


def find(components: list[Json], custom_id: str) -> Json:
    """The enabled component with this custom id. Raises ApiError 50035 when there is none to press."""
    for component in walk(components):
        if component.get("custom_id") == custom_id and not component.get("disabled"):
            return component
    raise ApiError.invalid("data.custom_id", "COMPONENT_VALIDATION_FAILED", "Component validation failed")


def check_values(component: Json, values: list[str]) -> None:
    """Whether a person may choose these in a select. Raises ApiError 50035."""
    low, high = component.get("min_values", 1), component.get("max_values", 1)
    known = {option["value"] for option in items(component, "options")}
    strange = component["type"] == Kind.STRING_SELECT and not known.issuperset(values)
    if strange or not low <= len(values) <= high:
        raise ApiError.invalid("data.values", "COMPONENT_VALIDATION_FAILED", "Component validation failed")


def filled(components: list[Json], fields: Json) -> list[Json]:
    """A modal's submit data: the shape of its definition, with what the person entered. Raises ApiError 50035."""
    answers: list[Json] = []
    for component in components:
        kind = component["type"]
        answer: Json = {"type": kind, "id": component["id"]}
        if kind == Kind.ACTION_ROW:
            answer["components"] = filled(component["components"], fields)
        elif kind == Kind.LABEL:
            answer["component"] = filled([component["component"]], fields)[0]
        elif kind == Kind.TEXT_INPUT:
            answer |= {"custom_id": component["custom_id"], "value": _entered(component, fields)}
        elif kind in SELECTS:
            values = items(fields, component["custom_id"])
            check_values(component, values)
            answer |= {"custom_id": component["custom_id"], "values": values}
        answers.append(answer)
    return answers


def _entered(component: Json, fields: Json) -> str:
    value = str(fields.get(component["custom_id"], component.get("value") or ""))
    least = component.get("min_length") or (1 if component.get("required", True) else 0)
    if not least <= len(value) <= (component.get("max_length") or 4000):
        raise ApiError.invalid(component["custom_id"], "BASE_TYPE_BAD_LENGTH", "The text is too short or too long.")
    return value
