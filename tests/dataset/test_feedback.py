"""Judgements become what preference tuning takes."""

import asyncio
import json
from pathlib import Path

from patzta.chat.conversation import Conversation, Message
from patzta.dataset.feedback import labels, pairs
from patzta.store import people
from patzta.store.database import Database
from patzta.store.migrate import upgrade
from patzta.store.people import Judgement
from tests.dataset.test_command import dataset  # noqa: F401

BOT = "patztabot22"


def judged(number: int, verdict: int, answer: str, *asked: str) -> Judgement:
    said = (Message("Bára", None, asked[0]), *(Message(BOT, None, text) for text in asked[1:]))
    context = json.dumps(Conversation("discord", None, ("Bára",), said).to_json())
    return Judgement(number, 5, verdict, context, answer, frozenset({5}))


STORED = [
    judged(1, 1, "jo\npřijdu", "přijdeš?"),
    judged(2, -1, "ne", "přijdeš?"),
    judged(3, -1, "nic", "co děláš?", "učím se"),
    judged(4, 1, "možná", "přijdeš?"),
    judged(5, -1, "možná", "přijdeš?"),
]


def test_every_judgement_is_a_label() -> None:
    found = list(labels(STORED, BOT))
    assert [item["label"] for item in found] == [True, False, False, True, False]
    assert found[0] == {
        "prompt": [{"role": "user", "content": "Bára: přijdeš?"}],
        "completion": [{"role": "assistant", "content": "jo\npřijdu"}],
        "label": True,
    }
    assert found[2]["prompt"][-1] == {"role": "assistant", "content": "učím se"}


def test_pairs_are_of_the_same_question() -> None:
    [pair] = pairs(STORED, BOT)
    assert [pair[key][0]["content"] for key in ("chosen", "rejected")] == ["jo\npřijdu", "ne"]


def test_the_command_reads_the_store(dataset, tmp_path: Path) -> None:  # noqa: F811
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"

    async def fill() -> None:
        await upgrade(url)
        database = Database(url)
        async with database.write() as session:
            await people.judge(session, STORED[0])
            await people.judge(session, STORED[1])
        await database.close()

    asyncio.run(fill())
    code, out, _ = dataset("feedback", "--database", url, "--bot", BOT, "--form", "pairs")
    assert (code, out) == (0, "1 pairs from 2 judgements: data/feedback.jsonl\n")
    assert set(json.loads(Path("data/feedback.jsonl").read_text())) == {"prompt", "chosen", "rejected"}
