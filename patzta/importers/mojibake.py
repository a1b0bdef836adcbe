"""Meta's exports hold every string as UTF-8 bytes written as code points U+0000 to U+00FF; this turns them back."""

import unicodedata
from typing import Any


def repair(text: str) -> str:
    r"""The text that was meant: ``"\u00c3\u00a9"`` is ``"é"``. A string that was never broken stays as it is.

    To be applied exactly once: somebody may have written "Ã©". Nothing may strip or split the string before, because
    the bytes 0x85 and 0xA0 count as white space. The result is in NFC.
    """
    return text if text.isascii() else unicodedata.normalize("NFC", _decoded(text))


def repair_all(data: Any) -> Any:
    """Parsed JSON with every string repaired, keys left alone."""
    if isinstance(data, str):
        return repair(data)
    if isinstance(data, list):
        return [repair_all(item) for item in data]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(data, dict):
        return {key: repair_all(value) for key, value in data.items()}  # pyright: ignore[reportUnknownVariableType]
    return data


def _decoded(text: str) -> str:
    try:
        data = text.encode("latin-1")
        return data.decode()
    except UnicodeEncodeError:
        return text
    except UnicodeDecodeError as error:
        whole, rest = error.object[: error.start], error.object[error.start :]
        # Meta cuts long texts in the middle of a character. A lone last letter is more likely Latin-1, as in "café".
        cut = error.reason == "unexpected end of data" and (len(rest) > 1 or not whole.isascii())
        return whole.decode() if cut else text
