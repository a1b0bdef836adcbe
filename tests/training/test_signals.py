"""Which signals end at once and which wait."""

import os
import signal

import pytest

from patzta.training.signals import deferred_stop


def test_schedulers_may_send_term_twice() -> None:
    with deferred_stop() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.asked
        with pytest.raises(SystemExit, match="143"):
            stop.obey()


def test_a_second_ctrl_c_does_not_wait() -> None:
    with pytest.raises(KeyboardInterrupt), deferred_stop():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("it waited")
