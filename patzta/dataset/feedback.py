"""``bin/dataset feedback``: the judgements that the bot stored, in the form that preference tuning takes.

Thumbs and answers that somebody had given anew. One JSON object a line, in TRL's conversational form; prompts and
answers are lists of ``{"role", "content"}``, as the transcript writes them.

    --form labels    {"prompt", "completion", "label"}    every judged answer (KTO)
    --form pairs     {"prompt", "chosen", "rejected"}     a liked and a disliked answer to the same (DPO)
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import orjson

from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import Transcript
from patzta.dataset.folder import private_file
from patzta.framework.config import CONFIG, read
from patzta.settings import PATZTABOT, Settings
from patzta.store.database import Database
from patzta.store.migrate import upgrade
from patzta.store.people import Judgement, judgements

Turns = list[dict[str, str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of ``bin/dataset feedback``."""
    parser.add_argument("--out", type=Path, default=Path("data/feedback.jsonl"), help="default: %(default)s")
    parser.add_argument("--form", choices=["labels", "pairs"], default="labels", help="default: %(default)s")
    parser.add_argument("--database", metavar="URL", help="default: that of config/patztabot_config.ini")
    parser.add_argument("--bot", metavar="NAME", help="the bot's name on Discord (default: [bot] name of the config)")


def run_feedback(arguments: argparse.Namespace) -> int:
    """0 done; exceptions otherwise."""
    settings = _settings()
    stored = asyncio.run(_stored(arguments.database or settings.database))
    form = labels if arguments.form == "labels" else pairs
    lines = list(form(stored, arguments.bot or settings.name))
    with private_file(arguments.out) as file:
        file.writelines(orjson.dumps(line) + b"\n" for line in lines)
    sys.stdout.write(f"{len(lines)} {arguments.form} from {len(stored)} judgements: {arguments.out}\n")
    return 0


def labels(stored: Iterable[Judgement], bot: str) -> Iterator[dict[str, Any]]:
    """Every judged answer with what it answered."""
    for judgement in stored:
        prompt = _prompt(judgement, bot)
        yield {"prompt": prompt, "completion": _answer(judgement.answer, bot), "label": judgement.verdict > 0}


def pairs(stored: Iterable[Judgement], bot: str) -> Iterator[dict[str, Any]]:
    """Every liked answer with every disliked one to the same context. An answer that is both counts as neither."""
    contexts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    first: dict[str, Judgement] = {}
    for judgement in stored:
        contexts[judgement.context][judgement.answer] += judgement.verdict
        first.setdefault(judgement.context, judgement)
    for context, answers in contexts.items():
        liked = [answer for answer, verdict in answers.items() if verdict > 0]
        disliked = [answer for answer, verdict in answers.items() if verdict < 0]
        prompt = _prompt(first[context], bot)
        for chosen, rejected in product(liked, disliked):
            yield {"prompt": prompt, "chosen": _answer(chosen, bot), "rejected": _answer(rejected, bot)}


def _prompt(judgement: Judgement, bot: str) -> Turns:
    return _turns(Conversation.from_json(json.loads(judgement.context)), bot)


def _answer(answer: str, bot: str) -> Turns:
    messages = tuple(Message(bot, None, line) for line in answer.split("\n"))
    return _turns(Conversation("discord", None, (bot,), messages), bot)[-1:]


def _turns(conversation: Conversation, bot: str) -> Turns:
    return [{"role": turn.role, "content": turn.content} for turn in Transcript(bot).turns(conversation)]


async def _stored(url: str) -> list[Judgement]:
    await upgrade(url)
    database = Database(url)
    try:
        async with database.read() as session:
            return await judgements(session)
    finally:
        await database.close()


def _settings() -> Settings:
    file = CONFIG / PATZTABOT.config
    return read(PATZTABOT, file if file.exists() else Path(os.devnull))
