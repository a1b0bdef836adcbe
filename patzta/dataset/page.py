"""A dataset as one HTML file that needs nothing else: chats as bubbles, numbers, what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from patzta.chat.conversation import Conversation, Message
from patzta.chat.placeholders import PLACEHOLDER
from patzta.chat.transcript import PAUSE_FROM
from patzta.dataset.plots import as_svg, figures
from patzta.dataset.statistics import Statistics

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 1080px; padding: 1.5rem; color: #1d2330; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 1rem; }
figure { margin: 0; border: 1px solid #e3e6ee; border-radius: 10px; padding: .6rem; } svg { width: 100%; height: auto; }
figcaption { font-weight: 600; } table { border-collapse: collapse; } td { padding: .15rem 1rem .15rem 0; }
td:first-child { text-align: right; font-variant-numeric: tabular-nums; } .emoji span { margin-right: 1rem; }
.chat { border: 1px solid #e3e6ee; border-radius: 10px; padding: .8rem; margin: 1rem 0; max-width: 640px; }
.pause { text-align: center; color: #7a8296; font-size: .85em; margin: .4rem; }
.line { display: flex; flex-direction: column; align-items: flex-start; margin: .15rem 0; }
.mine { align-items: flex-end; } .who { font-size: .8em; color: #7a8296; margin: .3rem .6rem 0; }
.bubble { background: #eef0f5; border-radius: 14px; padding: .35rem .75rem; max-width: 80%; white-space: pre-wrap;
  overflow-wrap: anywhere; } .mine .bubble { background: #4c6fff; color: white; } .reactions { font-size: .8em; }
mark { background: #ffd54a; color: #3b2f00; border-radius: 4px; padding: 0 .2em; }
"""


def page(
    double: str,
    split: str,
    chats: Sequence[Conversation],
    found: Statistics,
    dropped: Mapping[str, Any],
    training: Sequence[str],
) -> str:
    """The whole page."""
    title = f"Chats of {escape(double)}"
    return "\n".join(
        [
            "<!doctype html><html lang=en><meta charset=utf-8>",
            "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>",
            f"<p>{found.sessions} windows, {found.people.total():,} messages, {found.people[double]:,} of the double,"
            f" with {len(found.people) - 1} others.</p>",
            "<div class=plots>",
            *(
                f"<figure><figcaption>{name}</figcaption>{as_svg(plot)}</figure>"
                for name, plot in figures(found).items()
            ),
            "</div><h2>Top emoji</h2><p class=emoji>",
            *(f"<span>{escape(emoji)} {count}</span>" for emoji, count in found.emoji.most_common(15)),
            "</p><h2>Left out and replaced</h2>",
            _table({**dropped["dropped"], **{f"{kind} replaced": n for kind, n in dropped["replaced"].items()}}),
            f"<h2>To train on it</h2><p>{'<br>'.join(map(escape, training))}</p>",
            f"<h2>{len(chats)} chats of {split}</h2>",
            *(_chat(session, double) for session in chats),
            "</html>",
        ]
    )


def _table(rows: Mapping[str, int]) -> str:
    cells = (f"<tr><td>{count:,}<td>{escape(name)}" for name, count in rows.items())
    return f"<table>{''.join(cells) or '<tr><td>nothing'}</table>"


def _chat(session: Conversation, double: str) -> str:
    return f"<section class=chat>{''.join(_lines(session, double))}</section>"


def _lines(session: Conversation, double: str) -> Iterator[str]:
    before, speaker = None, None
    for message in session.messages:
        if message.time and (before is None or message.time - before >= PAUSE_FROM):
            yield f"<div class=pause>{message.time:%Y-%m-%d %H:%M}</div>"
            speaker = None
        before = message.time or before
        mine = message.author == double
        name = "" if mine or message.author == speaker else f"<span class=who>{escape(message.author or '?')}</span>"
        speaker = message.author
        yield f"<div class='line{' mine' if mine else ''}'>{name}{_bubble(message)}</div>"


def _bubble(message: Message) -> str:
    attached = "".join(f"[{item.kind}] " for item in message.attachments)
    text = PLACEHOLDER.sub(lambda match: f"<mark>{match[0]}</mark>", escape(attached + message.text))
    reactions = "".join(
        f"<span title={escape(item.author)!r}>{escape(item.emoji)}</span>" for item in message.reactions
    )
    return f"<span class=bubble>{text}</span>" + (f"<span class=reactions>{reactions}</span>" if reactions else "")
