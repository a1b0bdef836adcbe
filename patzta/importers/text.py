"""Text out of bytes and out of JSON, as exports have it."""

from __future__ import annotations

import codecs
import json
import unicodedata
from typing import Any, cast

import orjson

Json = dict[str, Any]

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(data: bytes) -> str:
    """UTF-8, or what a byte order mark says. Raises ValueError."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(f"not {encoding} text: byte {error.start} is {error.object[error.start]:#04x}") from error


def parsed(data: bytes) -> Any:
    """What the JSON says, half characters (lone surrogates) and all. Raises ValueError or RecursionError."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        # The standard library allows what exports have: a byte order mark, half an emoji, control characters.
        return json.loads(decoded(data), strict=False)


def tidy(text: str) -> str:
    """In NFC, as Unicode that can be written: half characters replaced."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", text)


def string(value: Any) -> str:
    """The tidied string, empty where the export has something else."""
    return tidy(value) if isinstance(value, str) else ""


def an_object(value: Any) -> Json:
    """The object, empty where the export has something else."""
    return cast(Json, value) if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The list, empty where the export has something else."""
    return cast(list[Any], value) if isinstance(value, list) else []


def objects(value: Any) -> list[Json]:
    """The objects in a list; exports have null in place of a list or of its items."""
    return [item for item in items(value) if isinstance(item, dict)]
