"""Work that several processes share, and what becomes of it when the user interrupts them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import symloss
from symloss.workers import each

ROOT = Path(symloss.__file__).resolve().parent.parent


@pytest.mark.parametrize("count", [0, 1, 7])
def test_results_are_in_order(count):
    assert list(each(str, list(range(count)))) == [str(k) for k in range(count)]


SLEEPERS = """
import time
from symloss.workers import each
print("begins", flush=True)
try:
    list(each(time.sleep, [40.0] * 6))
except KeyboardInterrupt:
    raise SystemExit(130)
"""


@pytest.mark.slow
def test_an_interrupt_ends_all_of_it_without_a_word():
    run = subprocess.Popen(
        [sys.executable, "-c", SLEEPERS], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert run.stdout.readline() == "begins\n"
    time.sleep(1)  # until the workers sleep
    os.killpg(run.pid, signal.SIGINT)
    try:
        _, error = run.communicate(timeout=20)
    finally:
        run.kill()
    assert (run.returncode, error) == (130, "")
