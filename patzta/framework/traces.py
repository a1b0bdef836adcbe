"""The part of a traceback that helps whoever edits a plugin."""

from __future__ import annotations

import traceback

from patzta.settings import ROOT

NOT_THEIRS = (str(ROOT / "patzta"), "<frozen importlib")
"""Files at the beginning of a traceback that say nothing about a plugin's mistake."""


def trace_of(error: BaseException) -> str:
    """The traceback from the plugin's own code on, with paths from the checkout's root."""
    trace = error.__traceback__
    while trace and trace.tb_next and trace.tb_frame.f_code.co_filename.startswith(NOT_THEIRS):
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace))
    return text.strip().replace(f"{ROOT}/", "")
