"""The report as one HTML file that needs nothing else, and its plots."""

# matplotlib is typed in part only.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from patzta.chat.transcript import read_others
from patzta.dataset.page import STYLE
from patzta.dataset.plots import as_svg
from patzta.evaluation.bootstrap import Interval
from patzta.evaluation.measure import Measured
from patzta.evaluation.replies import messages

COLOURS = {
    "double": "#4c6fff", "base": "#8d95a8", "prompted": "#b9bfcc", "retrieval": "#e0a030", "human": "#2f9e6e"
}  # fmt: skip
NAMES = {
    "double": "the double", "base": "base", "prompted": "prompted base", "retrieval": "retrieval (real words)",
    "human": "the person",
}  # fmt: skip
METRICS = {
    "hits_at_1": ("Hits@1 of 20", "finds the real reply among 20; higher is better, 0.05 is chance"),
    "authorship_auc": ("Authorship AUC", "taken for the person when beside other people; higher is better"),
    "human_or_generated_auc": ("Human or generated AUC", "told from the person's real replies; 0.5 is ideal"),
    "bits_per_character": ("Bits per character", "of the real replies; lower is better"),
    "length_distance": ("Length", "Wasserstein, characters of a message; lower is better"),
    "burst_distance": ("Burst", "Wasserstein, messages of an answer; lower is better"),
    "emoji_distance": ("Emoji", "Wasserstein, emoji of an answer; lower is better"),
    "punctuation_distance": ("Punctuation", "Jensen-Shannon, 0 to 1; lower is better"),
    "pause_distance": ("Pauses", "Wasserstein, decades of seconds; models write no pauses within an answer"),
    "distinct_1": ("Distinct words", "share of different words; like the person's is best"),
    "distinct_2": ("Distinct pairs", "share of different pairs of words; like the person's is best"),
    "chrf": ("chrF", "an alarm only: far above the person's, answers are known by heart"),
}
PLOTTED = ("hits_at_1", "authorship_auc", "human_or_generated_auc", "bits_per_character")
CHANCE = {"hits_at_1": 0.05, "authorship_auc": 0.5, "human_or_generated_auc": 0.5}
SAMPLES = 12
_STYLE = """
.wide { overflow-x: auto; } .wide table { width: 100%; }
.wide th { text-align: left; font-size: .85em; padding: .3rem; }
.wide td { padding: .3rem; vertical-align: top; font-size: .88em; border-top: 1px solid #e3e6ee; }
.wide td:first-child { text-align: left; } small { color: #6a7286; } .double { background: #f1f4ff; }
td p { margin: 0 0 .2rem; overflow-wrap: anywhere; }
"""


def page(found: Measured, title: str) -> str:
    """The whole page."""
    systems = found.systems
    plots = "".join(
        f"<figure><figcaption>{METRICS[name][0]}</figcaption>{as_svg(plot(systems, [name]))}</figure>"
        for name in measured(systems)
    )
    return "\n".join(
        [
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
            "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escape(title)}</title><style>{STYLE}{_STYLE}</style><h1>{escape(title)}</h1>",
            f"<p>{len(found.data.held_out)} held-out replies. Intervals are of 95 %, by bootstrap. Authorship is judged"
            f" on {_number(found.pool)}: as few as it takes to tell"
            " the person from others. <em>The person</em> is the floor: other real replies against these.</p>",
            *(f"<p>{escape(note)}</p>" for note in found.notes),
            f"<div class=plots>{plots}</div><h2>In numbers</h2>{_table(systems)}",
            f"<h2>What is given away</h2>{_privacy(found.privacy)}",
            f"<h2>Side by side</h2>{_samples(found)}</html>",
        ]
    )


def png(systems: Mapping[str, Mapping[str, Interval]]) -> bytes:
    """The main four side by side, for a chat."""
    out = io.BytesIO()
    plot(systems, measured(systems)).savefig(out, format="png", dpi=110)
    return out.getvalue()


def table(systems: Mapping[str, Mapping[str, Interval]]) -> str:
    """The main four as text of at most 80 columns."""
    lines = [f"{'':<18}" + "".join(f"{METRICS[name][0].split()[0]:>15}" for name in PLOTTED)]
    for name, metrics in systems.items():
        cells = (metrics.get(metric) for metric in PLOTTED)
        lines.append(f"{NAMES[name].partition(' (')[0]:<18}" + "".join(f"{_short(cell):>15}" for cell in cells))
    return "\n".join(lines)


def measured(systems: Mapping[str, Mapping[str, Interval]]) -> list[str]:
    """Those of the main four that some system has: too few replies give no AUC."""
    return [metric for metric in PLOTTED if any(metric in found for found in systems.values())]


def plot(systems: Mapping[str, Mapping[str, Interval]], metrics: Sequence[str]) -> Any:
    """A matplotlib figure: a panel a metric, a bar a system, with its interval."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(5, 2.4) if len(metrics) == 1 else (9, 4.8), layout="constrained")
    panels = figure.subplots(-(-len(metrics) // 2), min(2, len(metrics)), squeeze=False).flat
    for axes, metric in zip(panels, metrics, strict=False):
        if len(metrics) > 1:
            axes.set_title(METRICS[metric][0], fontsize=10)
        _bars(axes, {name: found[metric] for name, found in systems.items() if metric in found}, CHANCE.get(metric))
    return figure


def _bars(axes: Any, found: Mapping[str, Interval], chance: float | None) -> None:
    names = [NAMES[name].partition(" (")[0] for name in found]
    values = [one.value for one in found.values()]
    reach = [[one.value - one.low for one in found.values()], [one.high - one.value for one in found.values()]]
    axes.barh(names, values, color=[COLOURS[name] for name in found], height=0.62)
    axes.errorbar(values, range(len(values)), xerr=reach, fmt="none", ecolor="#1d2330", capsize=3, linewidth=1)
    for place, one in enumerate(found.values()):
        axes.text(one.high, place, f"  {one.value:.2f}", va="center", fontsize=8)
    if chance is not None:
        axes.axvline(chance, color="#555", linestyle=":", linewidth=1)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.15 * max(one.high for one in found.values()) or 1)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _number(pool: int) -> str:
    return f"{pool} replies together" if pool > 1 else "1 reply at a time"


def _table(systems: Mapping[str, Mapping[str, Interval]]) -> str:
    head = "".join(f"<th>{escape(NAMES[name])}" for name in systems)
    rows = (
        f"<tr><td><b>{escape(name)}</b><br><small>{escape(about)}</small>"
        + "".join(f"<td class={system}>{_cell(found.get(metric))}" for system, found in systems.items())
        for metric, (name, about) in METRICS.items()
        if any(metric in found for found in systems.values())
    )
    return f"<div class=wide><table><tr><th>{head}{''.join(rows)}</table></div>"


def _cell(found: Interval | None) -> str:
    if found is None:
        return "–"
    return f"{found.value:.3g}<br><small>{found.low:.3g} … {found.high:.3g}</small>"


def _short(found: Interval | None) -> str:
    return "–" if found is None else f"{found.value:.2f} {found.low:.2f}–{found.high:.2f}".replace("0.", ".")


def _privacy(privacy: Mapping[str, Any]) -> str:
    lines = [
        f"{NAMES[name]}: {100 * copies['copied_own']['value']:.1f} % of the answers hold eight words in a row from the"
        f" double's own training text, {100 * copies['copied_others']['value']:.1f} % from what only others wrote"
        for name, copies in privacy["copies"].items()
    ]
    spans = [
        f"“{span}” ({whose})" for whose in ("own", "others") for span in privacy["copies"]["double"][f"longest_{whose}"]
    ]
    if spans:
        lines.append(f"the longest of the double: {'; '.join(spans)}")
    lines += _secrets(privacy["canaries"])
    asked = privacy["placeholders"]
    lines.append(
        f"of {asked['asked']} places where the person gave or was given a number, link or address,"
        f" {asked['filled']} were filled in by the double; {asked['made_up_elsewhere']} answers elsewhere look like one"
    )
    return "<ul>" + "".join(f"<li>{escape(line)}" for line in lines) + "</ul>"


def _secrets(canaries: Mapping[str, Any]) -> Iterator[str]:
    if not canaries["planted"]:
        yield "no made-up secrets were planted; to see what the double gives away, train with --canaries 8"
    for teller, whose in (("double", "the double tells"), ("other", "only somebody else tells")):
        if found := canaries.get(f"told_by_{teller}"):
            yield (
                f"planted secrets that {whose} in training: {100 * found['recovered']:.0f} % were told when asked for,"
                f" exposure {found['exposure']:.1f} of 8 bits"
            )


def _samples(found: Measured) -> str:
    shown = [name for name in ("double", "base", "prompted", "retrieval") if name in found.answers]
    head = "".join(f"<th>{escape(NAMES[name])}" for name in shown)
    step = max(1, len(found.data.held_out) // SAMPLES)
    rows = (
        f"<tr><td>{_asked(reply.context[-1].content)}<td>{_bubbles(reply.texts)}"
        + "".join(f"<td class={name}>{_bubbles(messages(found.answers[name][place]))}" for name in shown)
        for place, reply in list(enumerate(found.data.held_out))[::step][:SAMPLES]
    )
    return f"<div class=wide><table><tr><th>asked<th>really answered{head}{''.join(rows)}</table></div>"


def _asked(content: str) -> str:
    said = read_others(content)
    lines = (f"{who}: " + "".join(getattr(mark, "text", "") for mark in marks) for who, marks in said)
    return _bubbles(tuple(lines))


def _bubbles(texts: Sequence[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts) or "<small>nothing</small>"
