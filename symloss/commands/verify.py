"""``symloss verify``: say whether a hand-written gradient is right, where it is wrong, and what the mistake is."""

from __future__ import annotations

import argparse
import json
from typing import Any

HELP = "say whether a hand-written gradient is right, and what the mistake is"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "target",
        metavar="MODULE_OR_FILE:FUNCTION",
        help="what computes the gradient; for C: LIBRARY.so with --c-signature",
    )
    against = parser.add_argument_group("what it should be the gradient of")
    against.add_argument("--loss", metavar="NAME", help="a loss of the catalogue")
    against.add_argument("--loss-file", metavar="FILE.py:NAME", help="a loss that a file declares")
    against.add_argument(
        "--value",
        metavar="FUNCTION",
        help="without a loss: your own value function, beside the gradient (default: the value that it returns)",
    )
    against.add_argument(
        "--wrt", metavar="TENSOR", action="append", help="the tensor that it is the gradient by; repeatable"
    )
    pins = parser.add_argument_group("conventions, where they shall not be found but demanded")
    pins.add_argument("--reduction", choices=("mean", "sum", "none"))
    pins.add_argument("--factor", type=float, help="a constant factor beside the declared loss, such as 0.5")
    pins.add_argument("--ascent", action="store_true", help="the negative gradient is meant")
    pins.add_argument(
        "--labels",
        help="how labels are encoded: 'as declared', '{0, 1}', '{-1, 1}', hard, one-hot, 'class index'",
    )
    pins.add_argument("--given", help="what it is handed for the logits: 'as declared', probability, softmax")
    pins.add_argument("--layout", help="'as declared', flattened or transposed")
    pins.add_argument(
        "--outputs",
        help="what it returns: 'gradient', 'value,gradient', 'gradient,hessian' …, with _ for anything else",
    )
    pins.add_argument(
        "--order", help="the loss's arguments in the function's order, such as target,prediction"
    )
    pins.add_argument("--framework", choices=("numpy", "torch", "jax"))
    pins.add_argument(
        "--parameter",
        metavar="NAME=NUMBER",
        action="append",
        help="a hyper-parameter that the function has built in, which binds; repeatable",
    )
    parser.add_argument(
        "--c-signature", metavar="PROTOTYPE", help="the target is a shared library with this function"
    )
    parser.add_argument("--budget", type=float, help="seconds (default: 4 for elementwise losses, else 20)")
    parser.add_argument("--seed", type=int, default=0, help="of the points (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(chosen: argparse.Namespace) -> int:
    """Run it; 0: right, 1: wrong, 2: could not be judged."""
    from symloss.verification.commanded import commanded

    pins: dict[str, Any] = {
        name: getattr(chosen, name)
        for name in (
            "reduction",
            "factor",
            "ascent",
            "labels",
            "given",
            "layout",
            "outputs",
            "order",
            "framework",
        )
    }
    if chosen.parameter:
        pins["parameters"] = dict(_parameter(text) for text in chosen.parameter)
    report = commanded(
        chosen.target,
        loss=chosen.loss,
        loss_file=chosen.loss_file,
        value=chosen.value,
        wrt=chosen.wrt,
        prototype=chosen.c_signature,
        budget=chosen.budget,
        seed=chosen.seed,
        pins=pins,
    )
    print(report.json() if chosen.json else report)
    return {"right": 0, "wrong": 1}.get(report.verdict, 2)


def _parameter(text: str) -> tuple[str, float]:
    name, sign, number = text.partition("=")
    try:
        if not sign or not name.strip():
            raise ValueError
        return name.strip(), float(json.loads(number))
    except (ValueError, TypeError):
        raise ValueError(f"--parameter {text!r}: expected NAME=NUMBER, such as gamma=2") from None
