"""``symloss verify``: exit statuses, JSON, and what it says to bad requests."""

import json

import pytest

from symloss.cli import main

TARGETS = """
import os
import numpy as np

def right(prediction, target, delta=1.0):
    r = prediction - target
    return np.where(abs(r) <= delta, r, delta * np.sign(r))

def wrong(prediction, target, delta=1.0):
    return -right(prediction, target, delta)

def value(prediction, target):
    return np.sum((prediction - target) ** 2)

def gradient(prediction, target):
    return 2 * (prediction - target)

def pair(prediction, target):
    return value(prediction, target), prediction - target

def peculiar(prediction, target, scale=lambda x: x, module=os):
    return scale(2 * (prediction - target))

def hangs(prediction, target):
    while True:
        pass

def leaves(prediction, target):
    os._exit(3)

number = 3
"""
OWN = """
from symloss import Positive, Real, loss

@loss
def mine(prediction: Real, target: Real, *, c: Positive = 2):
    return c * (prediction - target) ** 2
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "targets.py").write_text(TARGETS)
    (tmp_path / "broken.py").write_text("import nothing_of_that_name\n")
    (tmp_path / "exits.py").write_text("raise SystemExit(1)\n")
    (tmp_path / "never.py").write_text("import time\ntime.sleep(60)\n")
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "notes.txt").write_text("no program")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "options", "status"),
    [
        ("targets.py:peculiar", ["--loss", "mean_squared_error"], 0),
        ("targets.py:right", ["--loss", "huber"], 0),
        ("targets.py:wrong", ["--loss", "huber"], 1),
        ("targets.py:wrong", ["--loss", "huber", "--ascent"], 0),
        ("targets:right", ["--loss", "huber"], 0),
        ("targets.py:gradient", ["--value", "value"], 0),
        ("targets.py:pair", [], 1),
        ("targets.py:gradient", ["--loss-file", "own.py:mine", "--parameter", "c=1"], 0),
        ("targets.py:leaves", ["--loss", "huber"], 2),
        ("targets.py:hangs", ["--loss", "huber", "--budget", "2"], 2),
    ],
)
def test_the_exit_status_is_the_verdict(folder, capsys, target, options, status):
    assert main(["verify", target, *options]) == status
    assert target.split(":")[1] in capsys.readouterr().out


def test_json(folder, capsys):
    main(["verify", "targets.py:wrong", "--loss", "huber", "--json", "--seed", "3"])
    data = json.loads(capsys.readouterr().out)
    assert (data["verdict"], data["findings"][0]["kind"], data["seed"]) == ("wrong", "sign", 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["targets.py:right"], "give the loss"),
        (
            ["targets.py:right", "--loss", "huber", "--value", "value"],
            "only one of --loss, --loss-file and --value",
        ),
        (
            ["never.py:f", "--loss", "huber", "--budget", "0.5"],
            "never.py: its import does not end within 0.5 s",
        ),
        (["targets.py:right", "--loss", "hubber"], "huber"),
        (["targets.py:missing", "--loss", "huber"], "it has no 'missing'"),
        (["targets.py:number", "--loss", "huber"], "a function is wanted"),
        (["nowhere.py:right", "--loss", "huber"], "no such file"),
        (["broken.py:f", "--loss", "huber"], "nothing_of_that_name"),
        (["exits.py:f", "--loss", "huber"], "fails while it is imported"),
        (["right", "--loss", "huber"], "MODULE_OR_FILE:FUNCTION"),
        (["liblosses.so", "--loss", "huber"], "a C function in a shared library needs --c-signature"),
        (["notes.txt:f", "--loss", "huber"], "notes.txt: no module of Python; a C function"),
        (["targets.py:right", "--loss", "huber", "--parameter", "c"], "NAME=NUMBER"),
        (["targets.py:right", "--loss", "huber", "--budget", "-1"], "above 0"),
        (["targets.py:right", "--loss", "huber", "--labels", "odd"], "labels"),
        (["targets.py:right", "--loss", "huber", "--outputs", "value"], "outputs='value': expected gradient"),
        (
            ["targets.py:right", "--loss", "huber", "--outputs", "gradient,hesian"],
            "'gradient,hesian': expected",
        ),
        (["targets.py:right", "--loss-file", "own.py:other"], "it has no loss 'other'"),
        (["targets.py:right", "--loss", "huber", "--wrt", "delta"], "no tensor 'delta'"),
        (["targets.py:right", "--loss", "huber", "--c-signature", "nonsense"], "prototype"),
    ],
)
def test_bad_requests_are_refused_in_a_sentence(folder, capsys, arguments, words):
    assert main(["verify", *arguments]) == 2
    assert words in capsys.readouterr().err
