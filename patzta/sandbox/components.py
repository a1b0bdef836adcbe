"""Message components: ids, limits and look-ups; `forms.py` has what people enter into modals.

https://discord.com/developers/docs/components/reference
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any, cast

from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import Json
from patzta.sandbox.reading import items, section


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
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


SELECTS = {
    Kind.STRING_SELECT,
    Kind.USER_SELECT,
    Kind.ROLE_SELECT,
    Kind.MENTIONABLE_SELECT,
    Kind.CHANNEL_SELECT,
}
_WITH_OPTIONS = {Kind.STRING_SELECT, Kind.RADIO_GROUP, Kind.CHECKBOX_GROUP}
_DEFAULTS: dict[int, Json] = {
    **{kind: {"min_values": 1, "max_values": 1} for kind in (*SELECTS, Kind.FILE_UPLOAD)},
    Kind.THUMBNAIL: {"description": None, "spoiler": False},
    Kind.FILE: {"name": None, "size": None, "spoiler": False},
    Kind.SEPARATOR: {"divider": True, "spacing": 1},
    Kind.CONTAINER: {"accent_color": None, "spoiler": False},
}
"""What Discord fills in where a bot says nothing."""

_V2_TOP = {
    Kind.ACTION_ROW,
    Kind.SECTION,
    Kind.TEXT_DISPLAY,
    Kind.MEDIA_GALLERY,
    Kind.FILE,
    Kind.SEPARATOR,
    Kind.CONTAINER,
}
MAX_ROWS = 5
MAX_PARTS = 40
MAX_BUTTONS = 5
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
    """Check what a bot sent in a message and give each component its id, as Discord does. Raises ApiError 50035."""
    allowed = _V2_TOP if v2 else {Kind.ACTION_ROW}
    if not v2 and len(components) > MAX_ROWS:
        raise ApiError.invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for number, component in enumerate(components):
        if component.get("type") not in allowed:
            kinds = tuple(sorted(map(int, allowed)))
            words = f'Value of field "type" must be one of {kinds}.'
            raise ApiError.invalid(f"components.{number}.type", "UNION_TYPE_CHOICES", words)
    clean = completed(components)
    for component in walk(clean):
        if component["type"] == Kind.ACTION_ROW:
            _check_row(component)
    return clean


def _check_row(row: Json) -> None:
    kinds = [part["type"] for part in items(row, "components")]
    buttons = kinds.count(Kind.BUTTON)
    one_select = len(kinds) == 1 and kinds[0] in SELECTS
    if not one_select and not (1 <= buttons == len(kinds) <= MAX_BUTTONS):
        raise ApiError.invalid(
            "components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width"
        )


def completed(components: list[Json]) -> list[Json]:
    """Check what holds in messages and modals alike; add the ids and what Discord fills in. Raises ApiError 50035."""
    clean: list[Json] = _without_nulls(components)
    if sum(1 for _ in walk(clean)) > MAX_PARTS:
        raise ApiError.invalid(
            "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "Too many components: 40 are possible."
        )
    if sum(len(part.get("content") or "") for part in walk(clean) if part.get("type") == Kind.TEXT_DISPLAY) > MAX_TEXT:
        raise ApiError.invalid("components", "COMPONENT_MAX_TOTAL_DISPLAYABLE_TEXT_SIZE_EXCEEDED", TOO_MUCH_TEXT)
    for number, component in enumerate(walk(clean), start=1):
        component["id"] = component.get("id") or number
        for key, value in _DEFAULTS.get(component["type"], {}).items():
            component.setdefault(key, value)
        for named in (*items(component, "default_values"), section(component, "emoji"), *_emojis(component)):
            # Bots may send ids as numbers; Discord sends them as texts.
            if "id" in named:
                named["id"] = str(named["id"])
        for item in items(component, "items"):
            item.setdefault("description", None)
            item.setdefault("spoiler", False)
    _check_custom_ids(clean)
    return clean


def _emojis(component: Json) -> list[Json]:
    return [section(option, "emoji") for option in items(component, "options")]


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
    """Whether a person may choose these in a select, or in a modal's group or upload. Raises ApiError 50035."""
    low, high = component.get("min_values", 1), component.get("max_values", 1)
    known = {option["value"] for option in items(component, "options")}
    strange = component["type"] in _WITH_OPTIONS and not known.issuperset(values)
    if strange or not low <= len(values) <= high:
        raise ApiError.invalid("data.values", "COMPONENT_VALIDATION_FAILED", "Component validation failed")
