"""A function in a process of its own: hangs, crashes and exits are answers."""

import math
import os
import time

import numpy as np
import pytest

import symloss
from symloss.verification.sandbox import Sandbox, SandboxError
from symloss.verification.target import Target


def boxed(function, seconds=0.5):
    return Sandbox(lambda: (Target(function), "made"), seconds)


def test_it_answers_and_says_what_was_made():
    box = boxed(lambda x: 2 * x)
    assert box.start() == "made"
    assert np.array_equal(box([np.ones(3)], {}).result, [2, 2, 2])
    box.close()


def test_a_hang_is_cut_and_the_next_call_works():
    def hangs(x):
        while x[0]:
            time.sleep(0.01)
        return x

    box = boxed(hangs, 0.3)
    answer = box([np.ones(1)], {})
    assert (answer.kind, answer.died) == ("timeout", True)
    assert box([np.zeros(1)], {}).result == 0
    box.close()


@pytest.mark.parametrize(
    ("end", "words"),
    [(lambda: os._exit(7), "exit status 7"), (lambda: os.kill(os.getpid(), 11), "SIGSEGV")],
    ids=["exit", "crash"],
)
def test_the_end_of_the_process_is_an_answer(end, words):
    box = boxed(lambda x: end())
    answer = box([np.ones(1)], {})
    assert answer.kind == "exception" and words in answer.error
    box.close()


def test_there_need_be_no_end():
    box = Sandbox(lambda: (Target(np.sign), "made"), math.inf, math.inf)
    assert box.start() == "made" and box([np.ones(1)], {}).result == 1
    box.close()


def test_a_target_that_cannot_be_made_is_an_error():
    def fails():
        raise ValueError("no such thing")

    with pytest.raises(SandboxError, match="no such thing"):
        Sandbox(fails, 1).start()


def test_what_the_process_writes_does_not_reach_the_terminal(capfd):
    def writes(x):
        os.write(1, b"from below")
        return x

    box = boxed(writes)
    assert box([np.ones(1)], {}).printed
    box.close()
    assert capfd.readouterr().out == ""


@pytest.mark.slow
def test_verify_cuts_a_hang_where_it_may_use_a_process():
    def hangs(pred, y):
        while True:
            pass

    report = symloss.verify(hangs, "mean_squared_error", subprocess=True, budget=0.6)
    assert report.verdict == "undecided" and report.findings[0].kind == "timeout"


@pytest.mark.slow
def test_a_process_changes_no_verdict():
    def half(pred, y):
        return (pred - y) / len(y)

    inside = symloss.verify(half, "mean_squared_error")
    assert symloss.verify(half, "mean_squared_error", subprocess=True).json() == inside.json()
