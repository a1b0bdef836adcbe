"""Generating for many chats at once: each step reads a piece of new prompts, then writes a token of every chat.

A chat's row stays when its answer is done: the next request of the same beginning reads only what is new. Long prompts
are read in pieces, short enough that the others hardly wait.
"""

# torch and transformers give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal

import torch

from patzta.inference import Busy, GenerationFailed
from patzta.inference.repeats import repeats
from patzta.inference.sampling import Bans, draw
from patzta.inference.slots import Slots

log = logging.getLogger("patzta.engine")

GAP = 0.15
"""Seconds that a step of writing and a piece of a prompt may take together: so long the others wait for a token."""
SMALLEST, LARGEST = 32, 2048
"""Tokens of such a piece."""
ALONE = 4
"""Such pieces are read at once while nobody is written for."""
WORTH_COPYING = 32
"""Tokens of another chat's row from which on they are sooner copied than read."""
RECENT = 10.0
"""Seconds over which the speed is told."""

Reason = Literal["end", "length", "repeat", "cancelled"]
Forward = Callable[[Sequence[Sequence[int]], torch.Tensor], torch.Tensor]
"""Reads ids [rows][tokens] at positions [rows, tokens] into the slots; gives each row's last logits."""


@dataclass(slots=True, eq=False)
class Chat:
    """A request to go on after ``ids``, with at most ``limit`` tokens.

    ``place`` is whose turn it is counted as. ``said`` is called in the batcher's thread with new tokens, ``ended``
    once, with a reason or with what went wrong. Whoever waits no longer sets ``cancelled``.
    """

    ids: list[int]
    limit: int
    said: Callable[[list[int]], object]
    ended: Callable[[Reason | Exception], object]
    place: str = ""
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    cancelled: bool = False
    prompt: int = field(init=False)
    read: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.prompt = len(self.ids)

    @property
    def left(self) -> int:
        """Tokens that are not read yet."""
        return len(self.ids) - self.read

    def finished(self, ends: frozenset[int], length: int) -> Reason | None:
        """Why there is nothing more to be written, if so."""
        written = len(self.ids) - self.prompt
        if written and self.ids[-1] in ends:
            return "end"
        if written >= self.limit or len(self.ids) >= length:
            return "length"
        return "repeat" if repeats(self.ids[self.prompt :]) else None


@dataclass(slots=True, eq=False)
class Row:
    """A row of the slots: the tokens in it, who uses it, when it was used last."""

    ids: list[int] = field(default_factory=list[int])
    chat: Chat | None = None
    used: float = 0.0


class Batcher:
    """Serves chats with one model, in a thread of its own.

    ``ends`` are the tokens that end an answer, ``bans`` what is never written; at most ``together`` chats are served at
    a time and ``queue`` wait.
    """

    def __init__(
        self, forward: Forward, slots: Slots, ends: Sequence[int], bans: Bans, together: int = 16, queue: int = 64
    ) -> None:
        self._forward, self._slots, self._bans = forward, slots, bans
        self._ends, self._queue = frozenset(ends), queue
        self._together = min(together, slots.rows)
        self._rows = [Row() for _ in range(slots.rows)]
        self._waiting: list[Chat] = []
        self._reading: list[Row] = []
        self._writing = 0
        """Chats that are written for: those in the first rows."""
        self._idle: list[Future[None]] = []
        self._change = threading.Condition()
        self._piece = 2 * SMALLEST
        self._step = 0.0
        """Seconds of the last step of writing."""
        self._recent: deque[tuple[float, int]] = deque()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="batcher", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def submit(self, chat: Chat) -> None:
        """Serve it when its turn comes. Raises Busy or GenerationFailed."""
        with self._change:
            if self._closed:
                raise GenerationFailed("The model is being put away.")
            if len(self._waiting) >= self._queue:
                raise Busy(f"{len(self._waiting)} others are waiting already.")
            self._waiting.append(chat)
            self._change.notify()

    def cancel(self, chat: Chat) -> None:
        """Write no more of it."""
        chat.cancelled = True
        with self._change:
            self._change.notify()

    def idle(self) -> Future[None]:
        """Done when no chat is in hand or waits."""
        done: Future[None] = Future()
        with self._change:
            self._idle.append(done)
            self._change.notify()
        return done

    def close(self) -> None:
        """End all chats and the thread."""
        with self._change:
            self._closed = True
            self._change.notify()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def waiting(self) -> int:
        """Chats that are not served yet."""
        return len(self._waiting)

    @property
    def serving(self) -> int:
        """Chats that are read or written for."""
        return self._writing + len(self._reading)

    def speed(self) -> float:
        """Tokens a second, lately."""
        now = time.monotonic()
        return sum(count for at, count in list(self._recent) if at > now - RECENT) / RECENT

    # From here on: in the thread.

    @torch.inference_mode()
    def _run(self) -> None:
        while self._has_work():
            self._drop_cancelled()
            self._tell_idle()
            self._admit()
            if self._reading:
                self._guarded(self._read, self._reading[0])
            if self._writing:
                self._guarded(self._write, self._rows[self._writing - 1])
        for row in list(self._rows):
            self._end(row, GenerationFailed("The model is being put away."))
        for chat in self._waiting:
            _tell(chat, GenerationFailed("The model is being put away."))
        self._waiting.clear()
        self._tell_idle()

    def _has_work(self) -> bool:
        with self._change:
            self._change.wait_for(lambda: self._closed or self.serving or self._waiting or self._idle)
            return not self._closed

    def _tell_idle(self) -> None:
        with self._change:
            if self.serving or self._waiting:
                return
            told, self._idle = self._idle, []
        for done in told:
            done.set_result(None)

    def _forget(self) -> None:
        for row in self._rows:
            row.ids, row.used = [], 0.0

    def _drop_cancelled(self) -> None:
        with self._change:
            gone = [chat for chat in self._waiting if chat.cancelled]
            self._waiting = [chat for chat in self._waiting if not chat.cancelled]
        for chat in gone:
            _tell(chat, "cancelled")
        for row in [row for row in self._rows if row.chat and row.chat.cancelled]:
            self._end(row, "cancelled")

    def _admit(self) -> None:
        while self.serving < self._together and (chat := self._next()):
            row = self._row_for(chat)
            row.chat, row.used = chat, time.monotonic()
            chat.read = len(row.ids)
            self._reading.append(row)

    def _next(self) -> Chat | None:
        """Who waited longest of those whose place has the fewest in hand."""
        busy = Counter(row.chat.place for row in self._rows if row.chat)
        with self._change:
            chosen = min(self._waiting, key=lambda chat: busy[chat.place], default=None)
            if chosen:
                self._waiting.remove(chosen)
        return chosen

    def _row_for(self, chat: Chat) -> Row:
        """A free row with as much of the chat's beginning in it as is known."""
        known = chat.ids[:-1]  # the last one must be read to know what follows
        count, best = max(((common(row.ids, known), row) for row in self._rows), key=lambda found: found[0])
        oldest = min((row for row in self._rows if not row.chat), key=lambda row: row.used)
        if best.chat or 2 * count < len(best.ids):  # its own chat may go on
            if best is not oldest:
                count = count if count >= WORTH_COPYING else 0
                self._slots.copy(self._rows.index(best), self._rows.index(oldest), count)
            oldest.ids = best.ids[:count]
            return oldest
        best.ids = best.ids[:count]
        return best

    def _read(self) -> None:
        """A piece of each prompt whose turn it is: as many as make up a piece together."""
        piece = self._piece if self._writing else ALONE * self._piece
        turn = self._turn(piece)
        chats = [row.chat for row in turn if row.chat]
        width = min(piece // len(turn), max(chat.left for chat in chats))
        # A row with less to read has its last token read again, at the same position: it writes what is there already.
        places = [[min(chat.read + step, len(chat.ids) - 1) for step in range(width)] for chat in chats]
        began = time.monotonic()
        ids = [[chat.ids[place] for place in each] for chat, each in zip(chats, places, strict=True)]
        logits = self._ask([self._rows.index(row) for row in turn], ids, torch.tensor(places))
        self._pace(width * len(turn), time.monotonic() - began)
        for row, chat, each in zip(turn, chats, places, strict=True):
            chat.read = each[-1] + 1
            row.ids = chat.ids[: chat.read]
        self._begin_to_write(turn, logits)

    def _turn(self, piece: int) -> list[Row]:
        """The next that read, with room in ``piece`` for all that each has left or SMALLEST tokens of it."""
        turn: list[Row] = []
        width = 0
        for row in self._reading:
            assert row.chat
            width = max(width, min(SMALLEST, row.chat.left))
            if turn and width * (len(turn) + 1) > piece:
                break
            turn.append(row)
        return turn

    def _begin_to_write(self, turn: Sequence[Row], logits: torch.Tensor) -> None:
        """For those that are read; the others wait for their next turn."""
        done = [number for number, row in enumerate(turn) if row.chat and not row.chat.left]
        ready = [turn[number] for number in done]
        self._reading = [*self._reading[len(turn) :], *(row for row in turn if row not in ready)]
        for row in ready:
            self._move(row, self._writing)
            self._writing += 1
        if ready:
            self._choose(ready, logits[done])

    def _pace(self, count: int, seconds: float) -> None:
        """Make the next piece as long as fits into its time; what little takes tells nothing of more.

        A piece takes as long as a step of writing, however little is read, and what its tokens take beyond.
        """
        beyond = max(seconds - self._step, GAP / LARGEST)
        fitting = int(count * max(GAP - 2 * self._step, 0.0) / beyond)
        if count >= SMALLEST:
            self._piece = min(LARGEST, max(SMALLEST, min(fitting, 2 * self._piece)))

    def _write(self) -> None:
        """A token for every chat that has read its prompt."""
        rows = self._rows[: self._writing]
        chats = [row.chat for row in rows if row.chat]
        began = time.monotonic()
        logits = self._ask(
            range(len(rows)), [chat.ids[-1:] for chat in chats], torch.tensor([[chat.read] for chat in chats])
        )
        self._step = time.monotonic() - began
        for row, chat in zip(rows, chats, strict=True):
            chat.read += 1
            row.ids.append(chat.ids[-1])
        self._choose(rows, logits)

    def _ask(self, rows: Sequence[int], ids: Sequence[Sequence[int]], positions: torch.Tensor) -> torch.Tensor:
        self._slots.at(rows, positions)
        return self._forward(ids, positions)

    def _choose(self, rows: Sequence[Row], logits: torch.Tensor) -> None:
        """Draw the next token of each row, and tell."""
        chats = [row.chat for row in rows if row.chat]
        self._bans.put(logits, [chat.ids[chat.prompt :] for chat in chats])
        settings = (
            [chat.temperature for chat in chats],
            [chat.top_p for chat in chats],
            [chat.top_k for chat in chats],
        )
        drawn: list[int] = draw(logits, *(torch.tensor(each, device=logits.device) for each in settings)).tolist()
        self._count(len(drawn))
        for row, chat, token in list(zip(rows, chats, drawn, strict=True)):
            chat.ids.append(token)
            reason = chat.finished(self._ends, self._slots.length)
            fault = None if reason == "end" else _say(chat, token)
            if over := fault or reason:
                self._end(row, over)

    def _count(self, tokens: int) -> None:
        now = time.monotonic()
        self._recent.append((now, tokens))
        while self._recent[0][0] < now - RECENT:
            self._recent.popleft()

    def _end(self, row: Row, reason: Reason | Exception) -> None:
        """Leave the row to whoever goes on with what is in it."""
        chat, row.chat, row.used = row.chat, None, time.monotonic()
        if chat is None:
            return
        if row in self._reading:
            self._reading.remove(row)
        elif self._rows.index(row) < self._writing:
            self._writing -= 1
            self._move(row, self._writing)
        _tell(chat, reason)

    def _move(self, row: Row, target: int) -> None:
        """Let it change places with the row that is at ``target``."""
        source, other = self._rows.index(row), self._rows[target]
        self._slots.swap(source, target, max(len(row.ids), len(other.ids)))
        self._rows[source], self._rows[target] = other, row

    def _guarded(self, step: Callable[[], None], victim: Row) -> None:
        """Without memory only ``victim`` fails; after anything else nobody knows what the rows hold."""
        try:
            step()
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            self._end(victim, GenerationFailed("The memory of the graphics card is full; ask again, or for less."))
        except Exception as error:
            log.exception("a step failed")
            for row in list(self._rows):
                self._end(row, GenerationFailed(f"The model failed: {error}"))
            self._reading.clear()
            self._forget()


def _say(chat: Chat, token: int) -> GenerationFailed | None:
    """What went wrong with whoever listens to this chat: the others go on."""
    try:
        chat.said([token])
    except Exception as error:  # whoever listens may fail in any way
        log.exception("a chat's words could not be told")
        return GenerationFailed(f"The answer could not be told: {error}")
    return None


def _tell(chat: Chat, reason: Reason | Exception) -> None:
    try:
        chat.ended(reason)
    except Exception:  # whoever listens may fail in any way
        log.exception("a chat's end could not be told")


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many items both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
