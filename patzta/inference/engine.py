"""One model in memory: base and adapter in 4 bit. Imported by the worker's process alone."""

# The model libraries are typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
import transformers
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.generation.stopping_criteria import StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from patzta.chat.transcript import Transcript
from patzta.inference.contract import Request
from patzta.inference.folder import base_folder
from patzta.inference.persona import Persona, remedy
from patzta.inference.precision import native_dtype
from patzta.inference.prompt import control_tokens, hide_links, placeholder_ids, prompt_ids

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
# It reports once a process that an optional kernel is not installed.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)


class Engine:
    """Generates with one loaded model, one request at a time.

    Raises BrokenModel when the folder at ``path`` cannot be loaded.
    """

    def __init__(self, path: Path, threads: int) -> None:
        torch.set_num_threads(threads)
        self.persona = Persona.read(path, remedy(path))
        self._tokenizer: Any = AutoTokenizer.from_pretrained(path)
        self._model = load(path, self.persona, remedy(path))
        self._never = placeholder_ids(self._tokenizer)
        self._context = int(self._model.config.max_position_embeddings)
        # The first forward repacks the 4-bit weights on CPUs: nothing else may run meanwhile.
        with torch.inference_mode():
            self._model(torch.tensor([[0]], device=self._model.device))

    def generate(
        self, request: Request, write: Callable[[str], None], cancelled: threading.Event
    ) -> Literal["end", "length"]:
        """Sample an answer; ``write`` gets its text as it grows. Ends within one step once ``cancelled`` is set."""
        transcript = Transcript(request.double, control_tokens(self._tokenizer))
        usual = self.persona.sampling
        new = min(request.max_new_tokens or usual.max_new_tokens, self._context // 2)
        conversation = hide_links(request.conversation)
        ids = prompt_ids(self._tokenizer, transcript, conversation, self._context - new)
        prompt = torch.tensor([ids], device=self._model.device)
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                do_sample=True,
                temperature=request.temperature or usual.temperature,
                top_p=request.top_p or usual.top_p,
                top_k=usual.top_k,
                max_new_tokens=new,
                min_new_tokens=2,  # an answer of nothing is no answer
                bad_words_ids=self._never,
                streamer=_Streamer(self._tokenizer, len(ids), write),
                stopping_criteria=StoppingCriteriaList([_Cancelled(cancelled)]),
            )
        return "length" if output.shape[1] - len(ids) >= new else "end"


def load(path: Path, persona: Persona, remedy: str = "train it again") -> Any:
    """In NF4 with double quantisation: the base with the adapter on it, or a whole model. On CUDA where there is one.

    Raises BrokenModel if the base is another one than that which was trained on.
    """
    folder = base_folder(persona.base_source(path))
    persona.check_base(path, folder, remedy)
    quantised = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=native_dtype(),
    )
    base = AutoModelForCausalLM.from_pretrained(
        folder,
        quantization_config=quantised,
        dtype=native_dtype(),
        device_map={"": 0} if torch.cuda.is_available() else None,
    )
    return base.eval() if persona.base == "." else PeftModel.from_pretrained(base, path).eval()


class _Streamer(BaseStreamer):
    """Gives text on as soon as its bytes are whole: a character may be spread over several tokens."""

    def __init__(self, tokenizer: Any, skip: int, write: Callable[[str], None]) -> None:
        self._tokenizer = tokenizer
        self._skip = skip  # the prompt comes first
        self._write = write
        self._ids: list[int] = []
        self._written = 0

    def put(self, value: torch.Tensor) -> None:
        ids: list[int] = value.flatten().tolist()
        skipped = min(self._skip, len(ids))
        self._skip -= skipped
        self._ids += ids[skipped:]
        text: str = self._tokenizer.decode(self._ids, skip_special_tokens=True)
        if not text.endswith("\ufffd"):
            self._flush(text)

    def end(self) -> None:
        self._flush(self._tokenizer.decode(self._ids, skip_special_tokens=True))

    def _flush(self, text: str) -> None:
        new, self._written = text[self._written :].replace("\ufffd", ""), len(text)
        if new:
            self._write(new)


class _Cancelled(StoppingCriteria):
    """Asked after every step."""

    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs: Any) -> torch.BoolTensor:  # pyright: ignore[reportIncompatibleMethodOverride]  # noqa: ARG002
        return torch.full((input_ids.shape[0],), self._event.is_set(), device=input_ids.device)  # pyright: ignore[reportReturnType]
