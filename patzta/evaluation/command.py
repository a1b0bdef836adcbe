"""``bin/evaluate``: how alike a double is to its person, measured on held-out chats.

Exit codes: 0 done, 1 a scenario failed or something is missing, 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from patzta.commandline import ended, quiet, usual_threads

if TYPE_CHECKING:
    from patzta.evaluation.measure import Measured

DATA = Path(__file__).parents[2] / "data"
REPORT, PAGE, PLOT, TABLE = "report.json", "index.html", "likeness.png", "table.txt"


def main() -> int:
    """Parse the command line and do it; the exit code."""
    parser = argparse.ArgumentParser(prog="evaluate", description="Measure how alike a double is to its person.")
    add = parser.add_argument
    add("--model", type=Path, default=DATA / "models" / "me", help="the double's folder (default: %(default)s)")
    add("--dataset", type=Path, default=DATA / "datasets" / "me", help="with a test split (default: %(default)s)")
    add("--out", type=Path, default=DATA / "reports" / "me", help="the report's folder (default: %(default)s)")
    add("--demo", action="store_true", help="of the demo double, into data/reports/demo")
    add("--scenarios", nargs="?", type=Path, const=Path(), metavar="FILE",
        help="only play scenarios, ours or those of a file; 1 if an answer is faulty")  # fmt: skip
    add("--replies", type=int, default=300, metavar="N", help="held-out replies (default: %(default)s)")
    add("--threads", type=int, default=usual_threads(), help="of the CPU (default: %(default)s)")
    add("--seed", type=int, default=0, help="default: %(default)s")
    arguments = parser.parse_args()
    return ended(lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    if arguments.demo:
        from patzta.training.demo.prepare import prepare

        arguments.model = prepare(DATA, threads=arguments.threads)
        arguments.dataset, arguments.out = DATA / "datasets" / "demo", DATA / "reports" / "demo"
    quiet()
    import torch

    torch.set_num_threads(arguments.threads)
    return _scenarios(arguments) if arguments.scenarios is not None else _report(arguments)


def _report(arguments: argparse.Namespace) -> int:
    from patzta.evaluation.measure import measure
    from patzta.evaluation.page import table

    found = measure(arguments.model, arguments.dataset, arguments.replies, arguments.seed)
    write(found, arguments.out)
    sys.stdout.write(f"{table(found.systems)}\n{arguments.out / PAGE}\n")
    return 0


def write(found: Measured, out: Path) -> None:
    """The folder of a report: page, figures, picture, table."""
    from patzta.dataset.folder import whole_folder
    from patzta.evaluation.page import page, png, table

    with whole_folder(out) as folder:
        text = json.dumps(found.as_json(), ensure_ascii=False, indent=2) + "\n"
        (folder / REPORT).write_text(text, "utf-8")
        (folder / PAGE).write_text(page(found, f"How alike is the double of {found.data.double}?"), "utf-8")
        (folder / PLOT).write_bytes(png(found.systems))
        (folder / TABLE).write_text(table(found.systems) + "\n", "utf-8")


def _scenarios(arguments: argparse.Namespace) -> int:
    from patzta.evaluation.scenarios import BUNDLED, play, read_scenarios
    from patzta.evaluation.systems import seeded
    from patzta.evaluation.voices import double_alone

    chosen = read_scenarios(BUNDLED if arguments.scenarios == Path() else arguments.scenarios)
    writer, name, control = double_alone(arguments.model)
    seeded(arguments.seed)
    failed = 0
    for scenario in chosen:
        played = play(writer, scenario, name, control)
        failed += bool(played.faults)
        sys.stdout.write(f"{'FAILED' if played.faults else 'ok':<7} {scenario.name}{_told(played.faults)}\n")
        for asked, answer in zip(scenario.says, played.answers, strict=True):
            sys.stdout.write(f"        > {asked}\n" + "".join(f"        {line}\n" for line in answer.splitlines()))
    sys.stdout.write(f"{len(chosen) - failed} of {len(chosen)} passed\n")
    return 1 if failed else 0


def _told(faults: tuple[str, ...]) -> str:
    return f": {', '.join(dict.fromkeys(faults))}" if faults else ""


if __name__ == "__main__":
    sys.exit(main())
