"""``bin/train merge``: a model folder without an adapter, which any program for such models loads.

The adapter is added to the base as it is stored, never to one in 4 bit: bitsandbytes repacks those weights at the first
forward on some CPUs, and a merge after that gives garbage.
"""

# transformers and peft give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from patzta.dataset.folder import whole_folder
from patzta.inference import BrokenModel
from patzta.inference.folder import adapter_and_base
from patzta.training.model_card import FILE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of ``bin/train merge``."""
    parser.add_argument("model", type=Path, help="a double's folder")
    parser.add_argument("--out", type=Path, required=True, help="the new folder")


def run(arguments: argparse.Namespace) -> int:
    """0 done; exceptions otherwise."""
    merge(arguments.model, arguments.out)
    sys.stdout.write(
        f"{arguments.out}\nServe it with: vllm serve {arguments.out}\n"
        f"Make a GGUF of it with llama.cpp: python convert_hf_to_gguf.py {arguments.out}\n"
    )
    return 0


def merge(model: Path, out: Path) -> None:
    """Write ``out``, in bfloat16. Raises BrokenModel."""
    import torch
    from peft import PeftModel

    from patzta.training.model import load_base, load_tokenizer

    persona, source = adapter_and_base(model, "use it as it is")
    base: Any = load_base(source, in_4bit=False, dtype=torch.bfloat16)
    adapted: Any = PeftModel.from_pretrained(base, model)
    if not hasattr(adapted, "merge_and_unload"):
        raise BrokenModel(model, "a learnt prompt cannot be merged into weights", "train with --method lora")
    merged = adapted.merge_and_unload()
    merged.config.use_cache = True
    with whole_folder(out) as folder:
        merged.save_pretrained(folder)
        load_tokenizer(model).save_pretrained(folder)
        card = (model / FILE).read_text("utf-8").replace("# A double of", "# A merged double of", 1)
        (folder / FILE).write_text(card, "utf-8")
        if (model / "canaries.json").exists():
            shutil.copy(model / "canaries.json", folder)
        replace(persona, base=".").write(folder)
