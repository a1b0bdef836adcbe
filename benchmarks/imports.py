"""How fast exports are read, beside chat-miner and whatstk on the same files, all in one run.

The peers live in an environment of their own (``python -m venv PEERS``, ``PEERS/bin/pip install chat-miner==0.6.0
whatstk==0.9.1``), then ``python benchmarks/imports.py --peers PEERS/bin/python``. Without it, only patzta's own figures
are printed. Each reader is a process of its own that reads the files once; the best of the runs counts. patzta's time
is that of reading and writing; the peers' is parsing into their tables, which is as far as they go.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

WORDS = (
    "ahoj tak co zítra jdeš na pivo jasně proč ne to je dobrý přijdu později kde jsi doma v práci haha nevím možná"
    " the yes see you later 😂 ❤"
).split()
ME, SHE = "Vilém Nový", "Bára Malá"

OWN = """
import gc, json, resource, sys, time
from pathlib import Path
from patzta.chat.conversation import write_jsonl
from patzta.importers.reading import conversations, look
from patzta.importers.run import Run
gc.disable()
start = time.perf_counter()
run = Run()
count = 0
def counted(found):
    global count
    for one in found:
        count += len(one.messages)
        yield one
with open("/dev/null", "wb") as out:
    write_jsonl(counted(conversations(look([Path(sys.argv[1])], run), run)), out)
"""
CHAT_MINER = """
import json, resource, sys, time, logging
from chatminer.chatparsers import FacebookMessengerParser, WhatsAppParser
logging.disable()
start = time.perf_counter()
count = 0
for path in sys.argv[2:]:
    parser = (FacebookMessengerParser if sys.argv[1] == "messenger" else WhatsAppParser)(path)
    parser.parse_file()
    count += len(parser.parsed_messages.get_df())
"""
WHATSTK = """
import json, resource, sys, time
from whatstk import WhatsAppChat
start = time.perf_counter()
count = sum(len(WhatsAppChat.from_source(path).df) for path in sys.argv[2:])
"""
TELL = """
print(json.dumps({"messages": count, "seconds": time.perf_counter() - start,
                  "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, help="the Python that has chat-miner and whatstk")
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        parts = messenger(Path(folder, "messenger"), arguments.messages)
        chat = whatsapp(Path(folder, "whatsapp"), arguments.messages // 4)
        figures: dict[str, Any] = {
            "messenger": {"patzta": best(arguments.runs, sys.executable, OWN, Path(folder, "messenger"))},
            "whatsapp": {"patzta": best(arguments.runs, sys.executable, OWN, chat)},
        }
        if arguments.peers:
            peer = str(arguments.peers)
            figures["messenger"]["chat-miner"] = best(arguments.runs, peer, CHAT_MINER, "messenger", *parts)
            figures["whatsapp"]["chat-miner"] = best(arguments.runs, peer, CHAT_MINER, "whatsapp", chat)
            figures["whatsapp"]["whatstk"] = best(arguments.runs, peer, WHATSTK, "whatsapp", chat)
    for readers in figures.values():
        for name, figure in readers.items():
            if name != "patzta":
                figure["ratio"] = round(readers["patzta"]["per_second"] / figure["per_second"], 2)
    print(json.dumps(figures))


def best(runs: int, python: str, code: str, *arguments: object) -> dict[str, float]:
    """Messages a second and memory of the fastest run."""
    found: list[dict[str, float]] = []
    for _ in range(runs):
        command = [python, "-c", code + TELL, *map(str, arguments)]
        found.append(json.loads(subprocess.check_output(command, stderr=subprocess.DEVNULL).splitlines()[-1]))
    fastest = min(found, key=lambda figure: figure["seconds"])
    return {
        "messages": fastest["messages"],
        "per_second": round(fastest["messages"] / fastest["seconds"]),
        "mib": round(fastest["mib"]),
    }


def messenger(folder: Path, count: int) -> list[Path]:
    """Threads of 10,000 messages, as Messenger writes them; gives the files."""
    chance = random.Random(1)
    paths: list[Path] = []
    for number in range(count // 10_000):
        stamp = 1_600_000_000_000 + number * 10**9
        messages: list[dict[str, Any]] = []
        for _ in range(10_000):
            stamp += chance.randint(1000, 600_000)
            message: dict[str, Any] = {
                "sender_name": broken(chance.choice([ME, SHE])),
                "timestamp_ms": stamp,
                "content": broken(" ".join(chance.choices(WORDS, k=chance.randint(1, 14)))),
                "is_geoblocked_for_viewer": False,
                "is_unsent_image_by_messenger_kid_parent": False,
            }
            if chance.random() < 0.05:
                message["reactions"] = [{"reaction": broken("❤"), "actor": broken(ME)}]
            messages.append(message)
        data = {"participants": [{"name": broken(SHE)}, {"name": broken(ME)}], "messages": messages[::-1]}
        path = folder / "your_facebook_activity" / "messages" / "inbox" / f"bara_{10**9 + number}" / "message_1.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({**data, "title": broken(SHE), "is_still_participant": True}, indent=2))
        paths.append(path)
    return paths


def broken(text: str) -> str:
    """As Meta writes it."""
    return text.encode().decode("latin-1")


def whatsapp(folder: Path, count: int) -> Path:
    """One chat as Android exports it."""
    folder.mkdir(parents=True)
    chance = random.Random(1)
    path = folder / "WhatsApp Chat with Bára.txt"
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            minute, hour, day, month = number % 60, number // 60 % 24, number // 1440 % 28 + 1, number // 40320 % 12 + 1
            text = " ".join(chance.choices(WORDS, k=chance.randint(1, 14)))
            file.write(f"{day:02d}/{month:02d}/{2020 + number // 483840}, {hour:02d}:{minute:02d} - ")
            file.write(f"{chance.choice([ME, SHE])}: {text}\n")
    return path


if __name__ == "__main__":
    main()
