"""``symloss show``: what is known of a loss, as text or JSON."""

from __future__ import annotations

import argparse
import json
from typing import Any

HELP = "formula, gradient and derivation of a loss"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "name", metavar="NAME|FILE.py", help="a loss, the losses of a file, or one of them: FILE.py:NAME"
    )
    parser.add_argument("--derivation", action="store_true", help="the derivation, step by step")
    parser.add_argument("--stability", action="store_true", help="which rewrites made the sound form")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(chosen: argparse.Namespace) -> int:
    """Run it; the exit status."""
    from symloss import library

    found = list(library.find(chosen.name).values())
    if chosen.json:
        described = [_details(loss) for loss in found]
        print(json.dumps(described[0] if len(described) == 1 else described, indent=2, ensure_ascii=False))
        return 0
    for loss in found:
        _print_loss(loss, chosen.derivation, chosen.stability)
    return 0


def _details(loss: Any) -> dict[str, Any]:
    from symloss import library
    from symloss.present.latex import latex, loss_formula

    def step(wrt: str, s: Any) -> dict[str, Any]:
        return {
            "wrt": wrt,
            "rule": s.rule,
            "sentence": s.sentence,
            "assumption": s.assumption,
            "before": str(s.before),
            "after": str(s.after),
            "before_latex": latex(s.before, s.loss),
            "after_latex": latex(s.after, s.loss),
        }

    return library.described(loss) | {
        "expression": str(loss.expression),
        "latex": loss_formula(loss),
        "definitions": {d.name: str(d.expr) for d in loss.definitions.values()},
        "gradient": {
            wrt: {"expression": str(loss.gradient(wrt)), "latex": latex(loss.gradient(wrt), loss)}
            for wrt in loss.differentiated
        },
        "stability": _applied(loss),
        "steps": [step(wrt, s) for wrt in loss.differentiated for s in loss.derivation(wrt)],
    }


def _applied(loss: Any) -> list[dict[str, str]]:
    """The stability rewrites of value and derivatives, in the order of their use."""
    from symloss.present.latex import latex
    from symloss.present.rewrites import shown_rewrites
    from symloss.schedule import named_expressions

    return [
        {
            "rule": a.name,
            "why": a.why,
            "before": str(a.before),
            "after": str(a.after),
            "before_latex": latex(a.before, loss),
            "after_latex": latex(a.after, loss),
        }
        for a in shown_rewrites(loss, named_expressions(loss))
    ]


def _print_loss(loss: Any, derivation: bool, stability: bool) -> None:
    print(f"{loss}\n")
    if loss.doc:
        print("\n".join(f"  {line}".rstrip() for line in loss.doc.splitlines()), end="\n\n")
    print(f"  loss = {loss.expression}")
    for d in loss.definitions.values():
        called = f"{d.name}[{', '.join(map(str, d.indices))}]" if d.indices else d.name
        print(f"    where {called} = {d.expr}")
    for wrt in loss.differentiated:
        print(f"  d/d{wrt} = {loss.gradient(wrt)}")
    if loss.kinks:
        print(f"  at kinks: {loss.kinks}")
    if loss.native_float32:
        print("  float32: value and gradient are computed in float32, sums in float64")
    if loss.cite:
        print(f"  source: {'; '.join(loss.cite)}")
    if derivation:
        for wrt in loss.differentiated:
            print(f"\nthe derivative with respect to {wrt}:\n{loss.derivation(wrt)}")
    if stability:
        print("\nrewritten for numerical soundness, in value and derivatives:")
        applied = _applied(loss)
        if not applied:
            print("  nothing: no rule of the table applies")
        for a in applied:
            print(f"  {a['rule']}: {a['why']}")
            print(f"    {a['before']}  ->  {a['after']}")
            print(f"    {a['before_latex']} \\longrightarrow {a['after_latex']}")
    print()
