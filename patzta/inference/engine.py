"""A double in memory, asked by many at once. Imported by the worker's process and the commands, never by a bot."""

# The model libraries are typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import gc
import logging
import queue
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import psutil
import torch
import transformers
from transformers import AutoTokenizer

from patzta.chat.transcript import Transcript
from patzta.errors import PatztaError
from patzta.inference import BrokenModel, TooLarge, WorkerLost
from patzta.inference.admission import admit, room
from patzta.inference.batching import Batcher
from patzta.inference.chats import Chat, Reason
from patzta.inference.contract import Piece, Request, Serving, Stop
from patzta.inference.folder import base_folder, checked
from patzta.inference.forward import Forward, ends_of
from patzta.inference.heap import keep_freed_memory
from patzta.inference.loading import load
from patzta.inference.persona import Persona, remedy
from patzta.inference.prompt import control_tokens, hide_links, never_written, prompt_ids
from patzta.inference.sampling import Bans
from patzta.inference.slots import Slots
from patzta.inference.streaming import Speaker

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
for _chatty in ("bitsandbytes.backends.cpu.ops", "bitsandbytes.autograd._functions"):
    logging.getLogger(_chatty).setLevel(logging.ERROR)

Say = Callable[[Sequence[Piece]], object]
Done = Callable[[Reason | Exception], object]


class Engine:
    """The double in the folder ``path``. Raises BrokenModel, MissingBase or TooLarge when it cannot be loaded."""

    def __init__(self, path: Path, threads: int, serving: Serving | None = None) -> None:
        keep_freed_memory()
        torch.set_num_threads(threads)
        self.serving = serving or Serving()
        self._load(path)

    def _load(self, path: Path) -> None:
        persona = checked(path)
        serving = self.serving
        admit(base_folder(persona.base_source(path), foreign=serving.remote_code), serving)
        try:
            model = load(
                path,
                persona,
                remedy(path),
                quantisation=serving.quantisation,
                foreign=serving.remote_code,
                packed=True,
            )
            self._serve(path, persona, model)
        except PatztaError:
            raise
        except torch.OutOfMemoryError as error:
            remedies = "set a smaller context or together under [model] in the config, or take a smaller base"
            raise TooLarge(f"{path} does not fit into the memory of the graphics card: {remedies}.") from error
        except Exception as error:  # a damaged file fails in a different library each time
            raise BrokenModel(path, f"cannot be loaded ({error})", remedy(path)) from error

    def _serve(self, path: Path, persona: Persona, model: Any) -> None:
        self.path, self.persona = path, persona
        self._model: Any = model
        self._tokenizer: Any = AutoTokenizer.from_pretrained(path, trust_remote_code=self.serving.remote_code)
        self._control = control_tokens(self._tokenizer)
        self._context, rows = room(model.config, self.serving)
        slots = Slots(model.config.get_text_config().num_hidden_layers, rows, self._context, model.device)
        self._forward: Any = Forward(model, slots)
        ends = ends_of(model, self._tokenizer)
        bans = Bans(never_written(self._tokenizer, ends), ends, model.device)
        self._batcher = Batcher(self._forward, slots, ends, bans, self.serving.together, self.serving.queue)
        self._batcher.start()

    def submit(self, request: Request, say: Say, done: Done) -> Callable[[], None]:
        """Answer it when its turn comes; both are called in another thread. What is returned cancels it.

        Raises Busy or GenerationFailed.
        """
        speaker, usual = Speaker(self._tokenizer, self.persona.avoid), self.persona.sampling
        new = min(request.max_new_tokens or usual.max_new_tokens, self._context // 2)

        def ended(reason: Reason | Exception) -> None:
            if not isinstance(reason, Exception):
                say(speaker.close())
            done(reason)

        chat = Chat(
            self._prompt(request, self._context - new),
            new,
            lambda ids: say(speaker.feed(ids)),
            ended,
            request.place,
            request.temperature or usual.temperature,
            request.top_p or usual.top_p,
            usual.top_k,
        )
        self._batcher.submit(chat)
        return lambda: self._batcher.cancel(chat)

    def _prompt(self, request: Request, budget: int) -> list[int]:
        transcript = Transcript(request.double, self._control)
        prefix = self._forward.prefix
        return prefix + prompt_ids(self._tokenizer, transcript, hide_links(request.conversation), budget - len(prefix))

    def answer(self, request: Request) -> Generator[Piece]:
        """The same for who has time to wait; leaving early cancels it."""
        told: queue.Queue[Sequence[Piece] | Reason | Exception] = queue.Queue()
        cancel = self.submit(request, told.put, told.put)
        try:
            while not isinstance(news := told.get(), (str, Exception)):
                yield from news
        finally:
            cancel()
        if isinstance(news, Exception):
            raise news
        if news != "cancelled":
            yield Stop(news)

    def use(self, path: Path) -> None:
        """Serve with the double at ``path`` once those in hand are answered; if it cannot be loaded, with the old one.

        Over the same base only the adapter is changed. Nothing may be submitted meanwhile. Raises BrokenModel,
        MissingBase or TooLarge; WorkerLost when the old one cannot be loaded again either: nothing is left then.
        """
        persona = checked(path)
        self._batcher.idle().result()
        if self._is_over_same_base(persona):
            self._change_adapter(path)
            self._release()
            try:
                self._serve(path, persona, self._model)
            except Exception as error:  # the old adapter is gone
                raise WorkerLost(f"{path}: cannot be served: {error}") from error
            return
        before = self.path
        self._put_away()
        try:
            self._load(path)
        except PatztaError as error:
            # Where it was raised, and what it came from, holds what was loaded.
            failed = error.with_traceback(None)
            failed.__cause__ = failed.__context__ = None
        else:
            return
        self._put_away()
        self._load_again(before, failed)
        raise failed

    def _load_again(self, path: Path, reason: PatztaError) -> None:
        try:
            self._load(path)
        except PatztaError as error:
            raise WorkerLost(f"{reason} The one before cannot be loaded again either: {error}") from error

    def _is_over_same_base(self, persona: Persona) -> bool:
        both = (self.persona, persona)
        return all(one.base != "." for one in both) and persona.base_sha256 == self.persona.base_sha256

    def _change_adapter(self, path: Path) -> None:
        """Nothing that was read with the old one stays: a new batcher begins with empty rows."""
        (old,) = self._model.peft_config
        new = "even" if old != "even" else "odd"
        try:
            self._model.load_adapter(path, adapter_name=new)
            self._model.set_adapter(new, inference_mode=True)
        except Exception as error:
            if new in self._model.peft_config:
                self._model.delete_adapter(new)
            self._model.set_adapter(old, inference_mode=True)
            raise BrokenModel(path, f"its adapter cannot be loaded ({error})", remedy(path)) from error
        self._model.delete_adapter(old)
        self._model.eval()

    def _release(self) -> None:
        """End the batcher, and give back what it held."""
        self._batcher.close()
        self._forward.close()

    def _put_away(self) -> None:
        self._release()
        self._model = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def close(self) -> None:
        """End everything in hand."""
        self._batcher.close()

    @property
    def queued(self) -> int:
        """Requests that wait."""
        return self._batcher.waiting

    @property
    def in_hand(self) -> int:
        """Requests that are being answered."""
        return self._batcher.serving

    def speed(self) -> float:
        """Tokens a second, lately."""
        return self._batcher.speed()


def memory() -> int:
    """Bytes that this process takes, on the graphics card where there is one."""
    return int(torch.cuda.memory_reserved()) if torch.cuda.is_available() else int(psutil.Process().memory_info().rss)
