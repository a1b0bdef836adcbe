"""An ini file that knows on which line each of its keys stands, so that a mistake can be pointed at."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from patzta.errors import PatztaError


class SettingsError(PatztaError):
    """A config that cannot be used: the text names file, line, key and what is allowed."""

    exit_code = 2


class IniFile:
    """A parsed file whose sections and keys are all among ``known`` (section -> keys). Raises SettingsError."""

    def __init__(self, path: Path, known: Mapping[str, tuple[str, ...]]) -> None:
        self._path = path
        self._parser = configparser.ConfigParser(
            interpolation=None, inline_comment_prefixes=("#", ";"), default_section="\0"
        )
        try:
            self._lines = path.read_text(encoding="utf-8-sig").split("\n")
            self._parser.read_string("\n".join(self._lines), source=str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: cannot be read: {error}.") from error
        except configparser.Error as error:
            raise SettingsError(" ".join(str(error).split())) from error
        self._check(known)

    def _check(self, known: Mapping[str, tuple[str, ...]]) -> None:
        for section in self._parser.sections():
            if section not in known:
                allowed = ", ".join(f"[{name}]" for name in known)
                raise self.error(section, "", f"unknown section [{section}]; allowed are {allowed}")
            for key in self._parser[section]:
                if key not in known[section]:
                    raise self.error(section, key, f"unknown key; allowed here are {', '.join(known[section])}")

    def text(self, section: str, key: str, default: str) -> str:
        """The value, without the blanks around it."""
        return self._parser.get(section, key, fallback=default).strip()

    def words(self, section: str, key: str, default: str) -> tuple[str, ...]:
        """The words of a value, over all its lines."""
        return tuple(self.text(section, key, default).split())

    def entries(self, section: str, key: str) -> Iterator[str]:
        """The lines of a value of several lines, without empty ones."""
        return (line.strip() for line in self.text(section, key, "").splitlines() if line.strip())

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
        """Like ``number``, None where the file says nothing. Raises SettingsError."""
        return self.number(section, key, low, low, high) if self._parser.has_option(section, key) else None

    def error(self, section: str, key: str, problem: str, entry: str = "") -> SettingsError:
        """An error at ``key``, or at the line of its value that begins with ``entry``."""
        return SettingsError(f"{self._path}, line {self._line(section, key, entry)}: {key or section}: {problem}.")

    def _line(self, section: str, key: str, entry: str) -> int:
        """The number of the last line that fits more closely than those before: section, then key, then entry."""
        inside, found = False, 1
        for number, line in enumerate(self._lines, 1):
            if line.strip().startswith("["):
                inside = line.strip().startswith(f"[{section}]")
                found = number if inside else found
            elif inside and key and re.match(rf"{re.escape(key)}\s*[=:]", line, re.I):
                found = number
                key = "" if not entry or entry in line else key
            elif inside and entry and line.strip().startswith(entry):
                return number
        return found
