"""Build a dataset folder from conversations; the same conversations and settings give the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

from patzta.chat.conversation import Conversation, Message, write_jsonl
from patzta.dataset import cleaning, simulated
from patzta.dataset.card import Counts, card
from patzta.dataset.errors import BrokenDataset, NothingToLearn
from patzta.dataset.folder import whole_folder
from patzta.dataset.languages import is_other
from patzta.dataset.names import Pseudonyms
from patzta.dataset.people import Choice
from patzta.dataset.personal import finders
from patzta.dataset.redaction import Redaction
from patzta.dataset.sessions import acts, sessions, windows
from patzta.dataset.settings import Settings
from patzta.dataset.splits import split_by_time, without_leaks

SPLITS = ("train", "validation", "test")


def build(
    conversations: Iterable[Conversation],
    double: str,
    out: Path,
    settings: Settings | None = None,
    *,
    private: Sequence[str] = (),
    by_hand: Iterable[Conversation] = (),
) -> Counts:
    """Write the dataset folder ``out``, replacing what was there.

    ``private`` are texts to be replaced wherever they stand; ``by_hand`` are simulated conversations, which go to the
    train split only. Raises NothingToLearn if ``double`` wrote nothing.
    """
    settings = settings or Settings()
    threads = list(conversations)
    maker = _Maker(threads, double, settings, private)
    found = [session for thread in threads for session in maker.sessions(thread)]
    if not found:
        raise NothingToLearn(
            double, {message.author for thread in threads for message in thread.messages if message.author}
        )
    train, *held_out = split_by_time(found, settings.validation, settings.test)
    written = [
        maker.redaction.of_thread(thread)
        for thread in simulated.copies(by_hand, double, settings.copies, settings.seed)
    ]
    train = simulated.mixed_in(train, written, settings.seed)
    parts = {"train": train}
    for split, part in zip(SPLITS[1:], held_out, strict=True):
        parts[split], leaking = without_leaks(part, train)
        maker.counts.leaking[split] = leaking
    maker.counts.simulated = len(written)
    cut = {split: list(_windows(part, double, settings)) for split, part in parts.items()}
    for split, part in parts.items():
        maker.counts.windows[split] = len(cut[split])
        maker.counts.own_messages[split] = _written_by(double, part)
    _write(out, cut, maker.counts, double, settings, len(private))
    return maker.counts


class _Maker:
    """Turns threads into sessions, and counts what it leaves out."""

    def __init__(
        self, threads: Sequence[Conversation], double: str, settings: Settings, private: Sequence[str]
    ) -> None:
        self._double, self._settings = double, settings
        self._choice = Choice(double, frozenset(settings.without), frozenset(settings.only))
        self._steps = cleaning.steps(
            threads, double, settings.skip, longest=settings.longest, overused_share=settings.overused_share,
            seed=settings.seed,
        )  # fmt: skip
        found = {} if "privacy" in settings.skip else finders(settings.region, private)
        patterns = [re.compile(pattern) for pattern in settings.avoid]
        self.redaction = Redaction(found, avoid="avoid" not in settings.skip, patterns=patterns)
        self._pseudonyms = Pseudonyms(threads, double, settings.seed) if settings.names == "pseudonym" else None
        self.counts = Counts(replaced=self.redaction.counts)

    def sessions(self, thread: Conversation) -> Iterator[Conversation]:
        """Those in which the double does something, with somebody."""
        if not acts(thread, self._double):
            return self._drop("silent", "of sessions in which the double does nothing", thread)
        if not self._has_company(thread):
            return self._drop("alone", "of chats with nobody, or nobody who is to go in", thread)
        reasons = [self._reason(message) for message in thread.messages]
        readable = self._readable(self._choice.of_thread(thread))
        for reason, message in zip(reasons, readable.messages, strict=True):
            if reason and reason.name in cleaning.SWITCHES:
                self.counts.example(reason.name, message.text)
        gap = timedelta(hours=self._settings.gap_hours)
        for session in sessions(readable, [reason is not None for reason in reasons], gap):
            yield from self._wanted(session)

    def _readable(self, thread: Conversation) -> Conversation:
        """With placeholders, and with pseudonyms if those are wanted; without what the double sent beside its texts."""
        bare = replace(thread, messages=tuple(map(self._without_attachments, thread.messages)))
        redacted = self.redaction.of_thread(bare)
        return self._pseudonyms.of_thread(redacted) if self._pseudonyms else redacted

    def _drop(self, reason: str, about: str, thread: Conversation) -> Iterator[Conversation]:
        self.counts.drop(reason, about, sum(message.kind == "message" for message in thread.messages))
        return iter(())

    def _has_company(self, thread: Conversation) -> bool:
        return any(
            message.kind == "message" and message.author != self._double and self._choice.takes(message.author)
            for message in thread.messages
        )

    def _reason(self, message: Message) -> cleaning.Step | None:
        """The first step that leaves the message out; None if none does, or if it is a notice, which has no place."""
        if message.kind == "system":
            self.counts.drop("system", "notices that nobody typed")
            return None
        if not self._choice.takes(message.author):
            self.counts.drop("people", "words of people who are left out (--without, --only)")
            return _LEFT_OUT
        for step in self._steps:
            if step.drops(message):
                self.counts.drop(step.name, step.about)
                return step
        return None

    def _without_attachments(self, message: Message) -> Message:
        if message.author != self._double or not message.attachments:
            return message
        return replace(message, attachments=())

    def _wanted(self, session: Conversation) -> Iterator[Conversation]:
        if not acts(session, self._double):
            self.counts.drop("silent", "of sessions in which the double does nothing", len(session.messages))
        elif (
            self._settings.languages
            and "language" not in self._settings.skip
            and is_other(session, self._double, self._settings.languages)
        ):
            self.counts.drop("language", cleaning.SWITCHES["language"], len(session.messages))
            own = next((message.text for message in session.messages if message.author == self._double), "")
            self.counts.example("language", own)
        else:
            yield session


_LEFT_OUT = cleaning.Step("people", "", lambda _: True)


def double_of(dataset: Path) -> str:
    """Whose double a dataset folder is for. Raises BrokenDataset."""
    path = dataset / "settings.json"
    try:
        double = json.loads(path.read_text("utf-8"))["double"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenDataset(path, f"not readable ({error})") from error
    if not isinstance(double, str):
        raise BrokenDataset(path, "“double” is not a name")
    return double


def avoided(dataset: Path) -> tuple[str, ...]:
    """The patterns of a dataset folder for which placeholders stand in it."""
    return tuple(json.loads((dataset / "settings.json").read_text("utf-8")).get("avoid", ()))


def _windows(part: Iterable[Conversation], double: str, settings: Settings) -> Iterator[Conversation]:
    for session in part:
        yield from windows(session, double, settings.max_characters, settings.overlap_characters, settings.max_messages)


def _written_by(double: str, part: Iterable[Conversation]) -> int:
    return sum(message.author == double for session in part for message in session.messages)


def _write(
    out: Path, cut: dict[str, list[Conversation]], counts: Counts, double: str, settings: Settings, private: int
) -> None:
    # The texts that are private must not stand there in the open.
    noted = {"double": double, **asdict(settings), "private": private}
    with whole_folder(out) as folder:
        for split, part in cut.items():
            with (folder / f"{split}.jsonl").open("wb") as file:
                write_jsonl(part, file)
        (folder / "settings.json").write_text(json.dumps(noted, ensure_ascii=False, indent=2) + "\n", "utf-8")
        (folder / "dropped.json").write_text(json.dumps(counts.as_json(), ensure_ascii=False, indent=2) + "\n", "utf-8")
        (folder / "card.md").write_text(card(counts, noted), "utf-8")
