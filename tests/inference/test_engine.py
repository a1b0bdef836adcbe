"""One engine: changing what speaks, what it never says, and what is refused before it is loaded."""

import gc
import json
import shutil
import weakref
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import EndOfMessage, Text
from patzta.inference import BrokenModel, TooLarge, UnknownArchitecture, WorkerLost
from patzta.inference.admission import admit
from patzta.inference.contract import Request, Serving, Stop
from patzta.inference.engine import Engine
from patzta.inference.forward import Forward
from patzta.inference.persona import Persona
from patzta.inference.prompt import control_tokens, never_written
from patzta.inference.streaming import Avoid, Decoder
from patzta.training.finetune import finetune
from patzta.training.merging import merge
from patzta.training.settings import Settings
from tests.evaluation.conftest import base, dataset, double
from tests.training.tiny import ME, SHE, make_tokenizer

__all__ = ["base", "dataset", "double"]


def request(text: str = "ahoj, jak je? 1", **more) -> Request:
    said = Message(SHE, datetime(2024, 6, 1, tzinfo=UTC), text)
    return Request(Conversation("test", None, (SHE, ME), (said,)), ME, **({"temperature": 1e-6} | more))


def said(engine: Engine, asked: Request | None = None) -> str:
    pieces = list(engine.answer(asked or request()))
    assert isinstance(pieces[-1], Stop)
    return "".join(piece.text if isinstance(piece, Text) else "\n" for piece in pieces[:-1])


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, dataset: Path, base: Path) -> Path:
    """Another adapter on the same base, which hardly learnt anything."""
    out = tmp_path_factory.mktemp("other") / "other"
    finetune(dataset, base, out, Settings(epochs=1, batch_tokens=2048, max_tokens=128, rank=4, replay=0.0))
    return out


@pytest.fixture
def engine(double: Path):
    engine = Engine(double, 1, Serving(together=2))
    yield engine
    engine.close()


def test_an_adapter_is_changed_and_nothing_of_the_old_one_stays(engine: Engine, double: Path, other: Path) -> None:
    fresh = Engine(other, 1)
    before, wanted = said(engine), said(fresh)
    fresh.close()
    assert before != wanted
    model = engine._model
    engine.use(other)
    assert engine._model is model, "the base stayed"
    assert (engine.path, said(engine)) == (other, wanted)
    engine.use(double)
    assert said(engine) == before


@pytest.mark.parametrize("whole", [False, True])
def test_the_old_one_is_out_of_memory_before_the_next_is_loaded(
    engine: Engine, double: Path, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    said(engine)
    merge(double, tmp_path / "merged")
    weights = weakref.ref(engine._model.get_base_model())
    rows = weakref.ref(engine._batcher._slots.layers[0].keys)
    tried = Forward._try
    left: list[object] = []

    def look(self: Forward) -> None:
        gc.collect()
        left.extend([rows(), *([weights()] if whole else [])])
        tried(self)

    monkeypatch.setattr(Forward, "_try", look)
    engine.use(tmp_path / "merged" if whole else other)
    assert left
    assert not any(one is not None for one in left)


def test_one_that_is_refused_once_it_is_loaded_is_out_of_memory_before_the_old_one_comes_back(
    engine: Engine, double: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = said(engine)
    merge(double, tmp_path / "merged")
    tried = Forward._try
    refused: list[object] = []

    def look(self: Forward) -> None:
        gc.collect()
        if not refused:
            refused.append(weakref.ref(self._plain))
            raise UnknownArchitecture("not this one")
        assert refused[0]() is None
        tried(self)

    monkeypatch.setattr(Forward, "_try", look)
    with pytest.raises(UnknownArchitecture, match="not this one"):
        engine.use(tmp_path / "merged")
    assert said(engine) == before


def test_what_was_asked_before_is_answered_by_the_old_one(engine: Engine, other: Path) -> None:
    before = said(engine)
    texts: list[list[str]] = [[] for _ in range(4)]  # two in hand, two that wait
    for mine in texts:
        engine.submit(request(), lambda some, mine=mine: mine.extend(p.text for p in some if isinstance(p, Text)), str)
    engine.use(other)
    assert ["".join(mine) for mine in texts] == 4 * [before.replace("\n", "")]


def test_another_base_or_a_merged_model_takes_its_place(engine: Engine, double: Path, tmp_path: Path) -> None:
    before = said(engine)
    merge(double, tmp_path / "merged")
    engine.use(tmp_path / "merged")
    assert engine.persona.base == "."
    assert said(engine)
    engine.use(double)
    assert said(engine) == before


def test_a_broken_one_leaves_the_old_one_speaking(engine: Engine, double: Path, other: Path, tmp_path: Path) -> None:
    before = said(engine)
    shutil.copytree(other, tmp_path / "broken")
    (tmp_path / "broken" / "adapter_model.safetensors").write_bytes(b"cut")
    with pytest.raises(BrokenModel, match="changed or damaged"):
        engine.use(tmp_path / "broken")
    merge(double, tmp_path / "whole")
    persona = Persona.read(tmp_path / "whole")
    (tmp_path / "whole" / "model.safetensors").write_bytes(b"cut")
    replace(persona, base=".").write(tmp_path / "whole")  # whoever damaged it wrote the sums anew
    with pytest.raises(BrokenModel, match="cannot be loaded"):
        engine.use(tmp_path / "whole")
    assert said(engine) == before


def test_a_message_with_what_is_to_be_avoided_is_not_said(double: Path, tmp_path: Path) -> None:
    """The double's first message is "jde to 1"."""
    shutil.copytree(double, tmp_path / "careful")
    persona = Persona.read(double)
    base = persona.base_source(double)
    replace(persona, base=base, avoid=(r"jd[ef] to",)).write(tmp_path / "careful")
    plain, careful = Engine(double, 1), Engine(tmp_path / "careful", 1)
    lines = said(plain).splitlines()
    assert any("jde to" in line for line in lines)
    assert said(careful).splitlines() == [line for line in lines if "jde to" not in line]
    plain.close()
    careful.close()


def test_control_tokens_but_the_end_are_never_written() -> None:
    tokenizer = make_tokenizer()
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    never = never_written(tokenizer, [end])
    single = {ids[0] for ids in never if len(ids) == 1}
    assert single >= {tokenizer.convert_tokens_to_ids(token) for token in control_tokens(tokenizer)} - {end}
    assert end not in single


def test_text_comes_when_its_bytes_are_whole() -> None:
    tokenizer = make_tokenizer()
    decoder, text = Decoder(tokenizer), "ahoj 🦊 ďábel"
    pieces = [decoder.feed([number]) for number in tokenizer.encode(text)]
    assert "".join(pieces) == text
    assert "" in pieces
    assert not any("\ufffd" in piece for piece in pieces)


def test_only_the_message_itself_is_kept_back() -> None:
    avoid = Avoid(["secret"])
    marks = [Text("a"), EndOfMessage(), Text("sec"), Text("ret"), EndOfMessage(), Text("b")]
    assert avoid.feed(marks) == [Text("a"), EndOfMessage()]
    assert avoid.close() == [Text("b")]
    assert Avoid([]).feed(marks[2:4]) == marks[2:4]


def test_what_does_not_fit_is_refused_with_what_would(double: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from patzta.inference import admission

    base = Path(Persona.read(double).base_source(double))
    admit(base, Serving())
    monkeypatch.setattr(admission, "LIBRARIES", 0.0)
    config = admission.read_config(base)
    wide, fitting = Serving("none", context=512, together=64), Serving("nf4", context=512, together=4)
    takes = admission.needed(admission.size_of(admission.outline(config)), config, fitting)
    monkeypatch.setattr(admission, "free_memory", lambda: takes)
    with pytest.raises(TooLarge, match="Set quantisation = nf4 and together = 4 in the config"):
        admit(base, wide)
    admit(base, fitting)
    monkeypatch.setattr(admission, "free_memory", lambda: 1e3)
    with pytest.raises(TooLarge, match="Take a smaller base"):
        admit(base, wide)


def test_when_neither_the_new_nor_the_old_one_can_be_loaded_it_is_said(double: Path, tmp_path: Path) -> None:
    shutil.copytree(double, tmp_path / "double")
    base = Persona.read(double).base_source(double)
    replace(Persona.read(double), base=base).write(tmp_path / "double")
    merge(double, tmp_path / "whole")
    engine = Engine(tmp_path / "double", 1)
    (tmp_path / "whole" / "model.safetensors").write_bytes(b"cut")
    Persona.read(tmp_path / "whole").write(tmp_path / "whole")
    (tmp_path / "double" / "adapter_model.safetensors").unlink()
    with pytest.raises(WorkerLost, match="cannot be loaded again"):
        engine.use(tmp_path / "whole")


def test_pickles_and_foreign_programs_are_refused(double: Path, tmp_path: Path) -> None:
    from patzta.inference.loading import load_weights

    base = Path(Persona.read(double).base_source(double))
    pickled, foreign = tmp_path / "pickled", tmp_path / "foreign"
    for folder in (pickled, foreign):
        shutil.copytree(base, folder)
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(BrokenModel, match="can hold programs"):
        load_weights(pickled, "choose another", "nf4")
    config = json.loads((foreign / "config.json").read_text())
    (foreign / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModelForCausalLM": "evil.Model"}}))
    (foreign / "evil.py").write_text("raise SystemExit('ran')")
    with pytest.raises(BrokenModel, match="brings a program of its own"):
        admit(foreign, Serving())


def test_an_owner_may_allow_a_program_that_a_model_brings(double: Path, tmp_path: Path) -> None:
    merge(double, tmp_path / "whole")
    config = json.loads((tmp_path / "whole" / "config.json").read_text())
    own = {"model_type": "own", "auto_map": {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}}
    (tmp_path / "whole" / "config.json").write_text(json.dumps(config | own))
    kind = config["architectures"][0].removesuffix("ForCausalLM")
    (tmp_path / "whole" / "own.py").write_text(
        f"from transformers import {kind}Config, {kind}ForCausalLM\n"
        f"class OwnConfig({kind}Config):\n    model_type = 'own'\n"
        f"class OwnModel({kind}ForCausalLM):\n    config_class = OwnConfig\n"
    )
    Persona.read(tmp_path / "whole").write(tmp_path / "whole")
    with pytest.raises(BrokenModel, match="remote_code = yes"):
        Engine(tmp_path / "whole", 1)
    engine = Engine(tmp_path / "whole", 1, Serving("none", remote_code=True))
    assert type(engine._model).__name__ == "OwnModel"
    assert said(engine)
    engine.close()
