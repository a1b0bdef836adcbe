"""An ini file whose values the environment may replace, and that knows where each of its lines stands."""

from __future__ import annotations

import configparser
import difflib
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from patzta.errors import PatztaError

PREFIX = "PATZTA_"
"""``PATZTA_MODEL_PATH`` is the key ``path`` of ``[model]``."""


def variable(section: str, key: str) -> str:
    """The variable of the environment that stands for a key."""
    return f"{PREFIX}{section}_{key}".upper()


class SettingsError(PatztaError):
    """A config that cannot be used: the text names file and line (or variable), key and what is allowed."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a value, and where it stands."""

    text: str
    where: str


class IniFile:
    """A parsed file whose sections and keys are all among ``known`` (section -> keys).

    Variables of the environment replace its values, but not those in the sections ``firm``; ``others`` are not ours.
    Raises SettingsError.
    """

    def __init__(
        self,
        path: Path,
        known: Mapping[str, Collection[str]],
        others: Iterable[str] = (),
        firm: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self._entries: dict[tuple[str, str], list[Entry]] = {}
        parser = configparser.ConfigParser(
            interpolation=None, inline_comment_prefixes=("#", ";"), default_section="\0", strict=True
        )
        try:
            text = path.read_text(encoding="utf-8-sig")
            parser.read_string(text, source=str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: cannot be read: {error}.") from error
        except configparser.Error as error:
            raise SettingsError(" ".join(str(error).split())) from error
        self._lines = _numbered(text)
        for section in parser.sections():
            self._check_section(section, known)
            for key, value in parser[section].items():
                self._check_key(section, key, known[section])
                self._entries[section, key] = self._located(section, key, value)
        changeable = {section: keys for section, keys in known.items() if section not in firm}
        self._read_environment(changeable, set(others))

    def _check_section(self, section: str, known: Mapping[str, Collection[str]]) -> None:
        if section not in known:
            allowed = ", ".join(f"[{name}]" for name in known)
            where = self._where(section, "")
            hint = _nearest(section, known)
            raise SettingsError(f"{where}: unknown section [{section}]{hint} Allowed are {allowed}.")

    def _check_key(self, section: str, key: str, allowed: Collection[str]) -> None:
        if key not in allowed:
            where = self._where(section, key)
            hint = _nearest(key, allowed)
            raise SettingsError(f"{where}: {key}: unknown key{hint} Allowed here are {', '.join(allowed)}.")

    def _where(self, section: str, key: str) -> str:
        return f"{self.path}, line {self._lines[section, key][0]}"

    def _located(self, section: str, key: str, value: str) -> list[Entry]:
        texts = [text.strip() for text in value.splitlines() if text.strip()]
        lines = self._lines[section, key]
        # A value that begins beside its key has no line fewer; else the key's own line holds none.
        return [
            Entry(text, f"{self.path}, line {line}") for text, line in zip(texts, lines[-len(texts) :], strict=False)
        ]

    def _read_environment(self, known: Mapping[str, Collection[str]], others: set[str]) -> None:
        names = {variable(section, key): (section, key) for section, keys in known.items() for key in keys}
        for name, value in os.environ.items():
            if name in names:
                lines = [text.strip() for text in value.splitlines() if text.strip()]
                self._entries[names[name]] = [Entry(text, f"the environment, {name}") for text in lines]
            elif name.startswith(PREFIX) and name not in others:
                hint = _nearest(name, names)
                raise SettingsError(f"the environment: {name} is no setting{hint} They are PATZTA_SECTION_KEY.")

    def entries(self, section: str, key: str) -> list[Entry]:
        """The lines of a value, without empty ones and comments."""
        return self._entries.get((section, key), [])

    def text(self, section: str, key: str, default: str) -> str:
        """The value; one that is there must not be empty. Raises SettingsError."""
        if (section, key) in self._entries and not self.entries(section, key):
            raise self.error(section, key, "is empty; remove the key to get the default")
        return " ".join(entry.text for entry in self.entries(section, key)) or default

    def words(self, section: str, key: str, default: str) -> tuple[str, ...]:
        """The words of a value, over all its lines; none where it is empty."""
        if (section, key) not in self._entries:
            return tuple(default.split())
        return tuple(word for entry in self.entries(section, key) for word in entry.text.split())

    def number(self, section: str, key: str, default: float, low: float, high: float) -> float:
        """A number from ``low`` to ``high``. Raises SettingsError."""
        text = self.text(section, key, str(default))
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise self.error(section, key, f"'{text}' is not a number from {low:g} to {high:g}")
        return value

    def optional(self, section: str, key: str, low: float, high: float) -> float | None:
        """Like ``number``, None where nothing is said. Raises SettingsError."""
        return self.number(section, key, low, low, high) if (section, key) in self._entries else None

    def yes(self, section: str, key: str, *, default: bool) -> bool:
        """Yes or no. Raises SettingsError."""
        text = self.text(section, key, "yes" if default else "no").lower()
        if text not in {"yes", "no"}:
            raise self.error(section, key, f"'{text}' is neither yes nor no")
        return text == "yes"

    def error(self, section: str, key: str, problem: str, entry: Entry | None = None) -> SettingsError:
        """An error at the key, or at one line of its value."""
        at = [entry] if entry else self.entries(section, key)
        where = at[0].where if at else self._where(section, key)
        return SettingsError(f"{where}: {key}: {problem}.")


def _nearest(name: str, allowed: Iterable[str]) -> str:
    """A question after what was meant; a full stop when nothing resembles it."""
    close = difflib.get_close_matches(name, list(allowed), 1)
    return f"; did you mean '{close[0]}'?" if close else "."


def _numbered(text: str) -> dict[tuple[str, str], list[int]]:
    """For each section and key the numbers of the lines that say something, the key's own first."""
    lines: dict[tuple[str, str], list[int]] = {}
    section, key, indent = "", "", 0
    for number, line in enumerate(text.split("\n"), 1):
        content = re.sub(r"(^|\s)[#;].*", "", line)
        if not content.strip():
            continue
        depth = len(content) - len(content.lstrip())
        if key and depth > indent:
            lines[section, key].append(number)
        elif header := re.match(r"\s*\[(.+)\]", content):
            section, key = header[1], ""
            lines.setdefault((section, ""), [number])
        else:
            key, indent = (
                re.split(r"[=:]", content, maxsplit=1)[0].strip().lower(),
                len(content) - len(content.lstrip()),
            )
            lines[section, key] = [number]
    return lines
