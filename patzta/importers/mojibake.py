"""Meta's exports hold every string as UTF-8 bytes written as code points U+0000 to U+00FF; this turns them back."""

from unicodedata import normalize

from patzta.importers.text import tidy


def repair(text: str) -> str:
    r"""The text that was meant: ``"\u00c3\u00a9"`` is ``"é"``. A string that was never broken stays as it is.

    To be applied exactly once: somebody may have written "Ã©". Nothing may strip or split the string before, because
    the bytes 0x85 and 0xA0 count as white space. The result is tidy.
    """
    return text if text.isascii() else _decoded(text)


def _decoded(text: str) -> str:
    try:
        return normalize("NFC", text.encode("latin-1").decode())
    except UnicodeEncodeError:
        return tidy(text)
    except UnicodeDecodeError as error:
        whole, rest = error.object[: error.start], error.object[error.start :]
        # Meta cuts long texts in the middle of a character. A lone last letter is more likely Latin-1, as in "café".
        cut = error.reason == "unexpected end of data" and (len(rest) > 1 or not whole.isascii())
        return normalize("NFC", whole.decode() if cut else text)
