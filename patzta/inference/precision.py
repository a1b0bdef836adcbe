"""In which numbers a model is computed here."""

# torch gives only part of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import torch


def native_dtype() -> torch.dtype:
    """bfloat16 on graphics cards and on CPUs that multiply it.

    Other CPUs take up to twenty times longer for it than for float32.
    """
    has_it = torch.cuda.is_available() or bool(torch.cpu._is_avx512_bf16_supported())  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
    return torch.bfloat16 if has_it else torch.float32
