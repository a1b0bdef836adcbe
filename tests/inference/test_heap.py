"""Memory that was freed is there again without the system being asked."""

import subprocess
import sys

COMPUTE = """
import resource, sys, threading, torch
from patzta.inference.heap import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def compute():
    made = [torch.ones(size * 250_000) for size in (6, 8, 20, 6, 20, 60)]
def work():
    for _ in range(12):
        compute()
    before = faults()
    for _ in range(10):
        compute()
    print((faults() - before) // 10)
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def faults(kind: str) -> int:
    """Pages fetched for 120 MB of tensors, each time that they are made in a thread."""
    done = subprocess.run([sys.executable, "-c", COMPUTE, kind], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_pages_are_not_fetched_again() -> None:
    assert faults("kept") < 100 < 10_000 < faults("given back")
