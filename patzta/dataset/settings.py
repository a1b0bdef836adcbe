"""How a dataset is built; all of it stands in its `settings.json`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Settings:
    """The defaults suit chats with friends.

    Attributes:
        gap_hours: a pause after which people begin a new talk.
        max_messages, max_characters: of a window; longer sessions become several windows.
        overlap_characters: that a window repeats of the one before.
        validation, test: shares of the sessions, the newest ones.
        skip: names of cleaning steps that are switched off.
        longest: characters of a message, more being a wall of text.
        overused_share: of the double's messages that one of them may make up.
        languages: codes of those that the double shall learn, such as cs; all if there are none.
        avoid: patterns of which a placeholder is to stand in texts.
        names: whether other people keep theirs.
        region: of phone numbers without a country's code.
        without, only: people left out, or the only ones to go in.
        copies: of each simulated conversation.
        seed: of everything that is drawn.
    """

    gap_hours: float = 8
    max_messages: int = 100
    max_characters: int = 8000
    overlap_characters: int = 1000
    validation: float = 0.05
    test: float = 0.05
    skip: tuple[str, ...] = ()
    longest: int = 2000
    overused_share: float = 0.01
    languages: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    names: Literal["keep", "pseudonym"] = "keep"
    region: str = "CZ"
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    copies: int = 5
    seed: int = 0
