"""What progress bars say, and keys that people write."""

import pytest

from patzta.terminal.keys import typed
from patzta.terminal.progress import summary

BAR = " 42%|████▏     | 420/1000 [01:23<01:54,  5.06it/s]"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([BAR], "42 % · 420 of 1000 · 01:54 left · 5.06it/s"),
        (["{'loss': 1.25, 'grad_norm': 0.5}", BAR], "42 % · 420 of 1000 · 01:54 left · 5.06it/s · loss 1.25"),
        ([" 42%|█| 42/99 [1:23<1:54, 5.06it/s, loss=0.031]"], "42 % · 42 of 99 · 1:54 left · 5.06it/s · loss 0.031"),
        (["  0%|          | 0/1000 [00:00<?, ?it/s]"], "0 % · 0 of 1000 · ?it/s"),
        (["3/3 100 %  training, loss 0.307"], "100 % · step 3 of 3 · loss 0.307"),
        (["{'train_loss': 'nan'}"], "loss nan"),
        (["50%|█| 5.00M/10.0M [00:01<00:01, 5.00MB/s]"], "50 % · 5.00M of 10.0M · 00:01 left · 5.00MB/s"),
        (["$ ls", "loss.py  10/20"], None),
        (["all is lost", "ready"], None),
        ([], None),
    ],
)  # fmt: skip
def test_summaries(lines, said) -> None:
    assert summary(lines) == said


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("ls -la", b"ls -la\r"),
        ("", b"\r"),
        ("two\nlines", b"two\rlines\r"),
        ("[UP]", b"\x1b[A"),
        ("y[ENTER]", b"y\r"),
        (":q![ENTER][ESC]", b":q!\r\x1b"),
        ("^C", b"\x03"),
        ("[^C]", b"\x03"),
        ("[^D]", b"\x04"),
        ("2^C is no key", b"2^C is no key\r"),
        ("[NOPE]", b"[NOPE]\r"),
        ("č", "č\r".encode()),
        ("[F1][F12]", b"\x1bOP[F12]\r"),
    ],
)
def test_keys(text, data) -> None:
    assert typed(text) == data
