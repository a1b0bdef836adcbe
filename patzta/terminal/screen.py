"""One small interface before the emulators: bytes go in, lines come out."""

from __future__ import annotations

from typing import Protocol

from patzta.terminal.styles import Line


class Screen(Protocol):
    """A terminal that nobody sees. Whatever is fed, nothing raises."""

    def feed(self, data: bytes) -> None:
        """Show output; a character or an escape code may be cut anywhere."""
        ...

    def resize(self, rows: int, columns: int) -> None:
        """Change its size."""
        ...

    def lines(self, back: int = 0) -> list[Line]:
        """The rows from the top, without empty ones at the end; of the screen ``back`` rows earlier."""
        ...

    @property
    def history(self) -> int:
        """How many rows there are above the screen."""
        ...


def new_screen(rows: int, columns: int) -> Screen:
    """The better emulator where there is a build of it for this machine, else the one of pure Python."""
    try:
        from patzta.terminal.ghostty import GhosttyScreen
    except (ImportError, OSError):
        from patzta.terminal.fallback import PyteScreen

        return PyteScreen(rows, columns)
    return GhosttyScreen(rows, columns)
