"""Generating for many chats at once: each step reads a piece of new prompts and writes a token of every chat.

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
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future

import torch

from patzta.inference import Busy, GenerationFailed
from patzta.inference.chats import Chat, Reason, Row, common
from patzta.inference.sampling import Bans, draw
from patzta.inference.slots import Part, Slots

log = logging.getLogger("patzta.engine")

GAP = 0.12
"""Seconds that a step may take that reads a piece of a prompt, too: so long the others wait for a token."""
SMALLEST, LARGEST = 32, 2048
"""Tokens of such a piece."""
ALONE = 4
"""So many times more is read at once while nobody is written for."""
WORTH_COPYING = 32
"""Tokens of another chat's row from which on they are sooner copied than read."""
RECENT = 10.0
"""Seconds over which the speed is told."""

Forward = Callable[[Sequence[Part]], torch.Tensor]
"""Reads them into the slots; gives the last logits of each of their rows."""


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
        self._seconds = 0.0
        """Seconds of the last step in which nothing was read."""
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
            try:
                self._round()
            except Exception as error:  # nobody knows what the rows hold then
                log.exception("a step failed")
                self._end_all(f"The model failed: {error}")
        self._end_all("The model is being put away.")
        for chat in self._waiting:
            _tell(chat, GenerationFailed("The model is being put away."))
        self._waiting.clear()
        self._tell_idle()

    def _round(self) -> None:
        self._drop_cancelled()
        self._tell_idle()
        self._admit()
        if self.serving:
            self._step()

    def _end_all(self, reason: str) -> None:
        """Tell all in hand, and forget all rows: they stay where they are, since the device may take no more orders."""
        self._reading.clear()
        self._writing = 0
        for row in self._rows:
            self._end(row, GenerationFailed(reason))
            row.ids, row.used = [], 0.0

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
            self._reading.append(row)
            with self._change:
                self._waiting.remove(chat)

    def _next(self) -> Chat | None:
        """Who waited longest of those whose place has the fewest in hand."""
        busy = Counter(row.chat.place for row in self._rows if row.chat)
        with self._change:
            return min(self._waiting, key=lambda chat: busy[chat.place], default=None)

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

    def _step(self) -> None:
        """Read the last token of each chat that is written for and a piece of prompts, and write what follows."""
        writing, turn = self._rows[: self._writing], self._turn()
        read = dict.fromkeys(writing, 1) | turn
        done = [row for row, count in read.items() if row.left == count]
        try:
            logits = self._timed(self._parts(writing, turn), sum(turn.values()))
            drawn = self._draw(done, logits[[row in done for row in read]]) if done else []
        except torch.OutOfMemoryError:  # nothing is kept of this step: it can be done again
            self._make_room()
            return
        for row, count in read.items():
            row.ids += row.next(count)
        self._begin_to_write(turn)
        self._say(done, drawn)

    def _timed(self, parts: Sequence[Part], count: int) -> torch.Tensor:
        """The logits of these, of which ``count`` tokens belong to prompts."""
        began = time.monotonic()
        logits = self._forward(parts)
        if logits.is_cuda:  # else only the giving of orders is timed
            torch.cuda.synchronize(logits.device)
        self._pace(count, time.monotonic() - began)
        return logits

    def _make_room(self) -> None:
        """Read less at once; if that is not it, one must fail."""
        torch.cuda.empty_cache()
        if self._reading and self._piece > SMALLEST:
            self._piece = SMALLEST
            return
        victim = self._reading[0] if self._reading else self._rows[self._writing - 1]
        self._end(victim, GenerationFailed("The memory of the graphics card is full; ask again, or for less."))

    def _turn(self) -> dict[Row, int]:
        """Who reads next, and how many tokens: up to SMALLEST each, and the first ones all that there is room for."""
        room = self._piece if self._writing else ALONE * self._piece
        turn: dict[Row, int] = {}
        for row in self._reading:
            turn[row] = min(SMALLEST, row.left, room)
            room -= turn[row]
        for row in turn:
            more = min(room, row.left - turn[row])
            turn[row] += more
            room -= more
        return {row: count for row, count in turn.items() if count}

    def _parts(self, writing: Sequence[Row], turn: dict[Row, int]) -> list[Part]:
        alone = [Part(self._rows.index(row), [row.next(count)], [len(row.ids)]) for row, count in turn.items()]
        if not writing:
            return alone
        return [Part(0, [row.next(1) for row in writing], [len(row.ids) for row in writing]), *alone]

    def _begin_to_write(self, turn: Iterable[Row]) -> None:
        """For those that are read; the others wait for their next turn."""
        for row in turn:
            self._reading.remove(row)
            if row.left:
                self._reading.append(row)
            else:
                self._move(row, self._writing)
                self._writing += 1

    def _pace(self, count: int, seconds: float) -> None:
        """Make the next piece as long as fits into its time; what little takes tells nothing of more.

        A step takes as long as one without a piece, and what the piece's tokens take beyond.
        """
        if not count:
            self._seconds = seconds
        elif count >= SMALLEST:
            beyond = max(seconds - self._seconds, GAP / LARGEST)
            fitting = int(count * max(GAP - self._seconds, 0.0) / beyond)
            self._piece = min(LARGEST, max(SMALLEST, min(fitting, 2 * self._piece)))

    def _draw(self, rows: Sequence[Row], logits: torch.Tensor) -> list[int]:
        """The next token of each; logits [rows, vocabulary]."""
        chats = [row.chat for row in rows if row.chat]
        self._bans.put(logits, [chat.ids[chat.prompt :] for chat in chats])
        settings = (
            [chat.temperature for chat in chats],
            [chat.top_p for chat in chats],
            [chat.top_k for chat in chats],
        )
        return draw(logits, *(torch.tensor(each, device=logits.device) for each in settings)).tolist()

    def _say(self, rows: Sequence[Row], drawn: Sequence[int]) -> None:
        self._count(len(drawn))
        for row, token in zip(rows, drawn, strict=True):
            chat = row.chat
            assert chat
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
        try:
            if row in self._reading:
                self._reading.remove(row)
            elif self._rows.index(row) < self._writing:
                self._writing -= 1
                self._move(row, self._writing)
        finally:
            _tell(chat, reason)

    def _move(self, row: Row, target: int) -> None:
        """Let it change places with the row that is at ``target``."""
        source, other = self._rows.index(row), self._rows[target]
        self._slots.swap(source, target, max(len(row.ids), len(other.ids)))
        self._rows[source], self._rows[target] = other, row


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
