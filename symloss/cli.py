"""The command ``symloss``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 when all went well, 1 when a check failed, 2 for a wrong request."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a letter gets its code, and no traceback
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        return chosen.run(chosen)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except (ValueError, LookupError, OSError, RuntimeError) as error:
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"symloss: {message}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="symloss", description="Derive, document and generate loss functions."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("list", help="the catalogue, or the losses of a file")
    one.add_argument("file", nargs="?", metavar="FILE.py", help="a file that declares losses")
    form = one.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--markdown", action="store_true", help="as a table of what is generated, in Markdown")
    one.set_defaults(run=_list)

    one = commands.add_parser("show", help="formula, gradient and derivation of a loss")
    one.add_argument("name", metavar="NAME|FILE.py")
    one.add_argument("--derivation", action="store_true", help="the derivation, step by step")
    one.add_argument("--stability", action="store_true", help="which rewrites made the sound form")
    one.add_argument("--json", action="store_true", help="as JSON")
    one.set_defaults(run=_show)

    one = commands.add_parser("generate", help="write source code and LaTeX")
    one.add_argument("what", nargs="*", metavar="NAME|FILE.py", help="losses; none: the whole catalogue")
    one.add_argument(
        "--target", default="numpy,c,latex", help="a comma-separated list (default: %(default)s)"
    )
    one.add_argument("--out", type=Path, default=Path("generated"), help="the folder (default: %(default)s)")
    one.add_argument("--check", action="store_true", help="build the C and check every gradient, too")
    one.set_defaults(run=_generate)
    return parser


# --- list and show ----------------------------------------------------------------------------------------


def _list(chosen: argparse.Namespace) -> int:
    from symloss import library, losses

    found = library.find(chosen.file) if chosen.file else {name: losses.get(name) for name in losses.names()}
    if chosen.json:
        print(json.dumps([library.described(loss) for loss in found.values()], indent=2, ensure_ascii=False))
        return 0
    if chosen.markdown:
        print(_table(found.values()))
        return 0
    width = max(map(len, found))
    task = None
    for loss in found.values():
        if loss.task != task:
            task = loss.task
            print(f"{task.replace('_', ' ')}:")
        print(f"  {loss.name:{width}}  {loss.summary}")
    return 0


def _table(found: Iterable) -> str:
    """Losses by what is generated for them."""
    from symloss import backends
    from symloss.schedule import functions_of

    lines = [
        f"| loss | kind | functions | {' | '.join(backends.BACKENDS)} |",
        "|---" * (3 + len(backends.BACKENDS)) + "|",
    ]
    for loss in found:
        functions = ", ".join(f"`{name}`" for name in functions_of(loss))
        files = (
            ", ".join(
                f"[{suffix}](generated/{target}/{loss.name}{suffix})"
                for suffix in backends.get(target).SUFFIXES
            )
            for target in backends.BACKENDS
        )
        lines.append(f"| {loss.name} | {loss.kind} | {functions} | {' | '.join(files)} |")
    return "\n".join(lines)


def _show(chosen: argparse.Namespace) -> int:
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
        "steps": [step(wrt, s) for wrt in loss.differentiated for s in loss.derivation(wrt)],
    }


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
    if loss.cite:
        print(f"  source: {'; '.join(loss.cite)}")
    if derivation:
        for wrt in loss.differentiated:
            print(f"\nthe derivative by {wrt}:\n{loss.derivation(wrt)}")
    if stability:
        from symloss.stabilize import stabilize

        outputs = {"loss": loss.expression} | {f"d/d{w}": loss.gradient(w) for w in loss.differentiated}
        print("\nrewritten for numerical soundness:")
        for a in stabilize(loss, outputs).applied:
            print(f"  {a.name}: {a.before}  ->  {a.after}    ({a.why})")
    print()


# --- generate ---------------------------------------------------------------------------------------------


def _generate(chosen: argparse.Namespace) -> int:
    from symloss import backends, library, losses
    from symloss.generate import Request, check, generate

    targets = list(dict.fromkeys(t for t in chosen.target.split(",") if t))
    if not targets:
        raise ValueError(f"--target {chosen.target!r} names none of {', '.join(backends.BACKENDS)}")
    for target in targets:
        backends.get(target)
    requests = [Request(name, origin) for origin in chosen.what for name in library.find(origin)]
    if not chosen.what:
        requests = [Request(name, name) for name in losses.names()]
    names = [r.name for r in requests]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} is asked for twice; one of its files would overwrite the other")
    written = generate(requests, targets, chosen.out, _progress)
    if not chosen.check:
        folders = sorted({str(path.parent) for path in written})
        print(f"{len(requests)} losses, {len(written)} files in {', '.join(folders)}")
        return 0
    return _print_checked(requests, check(requests, _progress), chosen.out, targets)


def _print_checked(requests: list, outcomes: list, out: Path, targets: list[str]) -> int:
    width = max(len(r.name) for r in requests)
    kernels = [f"{o.backend} {o.dtype[-2:]}" for o in outcomes[0]]
    print("gradient errors as a share of what rounding explains (1 and below is right):")
    print(f"{'':{width}}  {'differences':>11}  " + "  ".join(f"{k:>8}" for k in kernels) + "  verdict")
    wrong = 0
    for request, row in zip(requests, outcomes, strict=True):
        right = all(row)
        wrong += not right
        shares = "  ".join(f"{max(o.exact, o.value):8.2f}" for o in row)
        differences = max(o.numeric for o in row)
        print(f"{request.name:{width}}  {differences:11.2f}  {shares}  {'right' if right else 'WRONG'}")
    kernels_count = sum(map(len, outcomes))
    print(
        "differences: against numeric differentiation of the kernel, by the bound of Richardson's extrapolation;\n"
        f"the others: against the declaration at 50 digits. {len(requests)} losses, {kernels_count} kernels, "
        f"{sum(o.points for row in outcomes for o in row)} gradient entries, {wrong} losses wrong."
    )
    for target in targets:
        print(f"{target:6} {out / target.rsplit('.', 1)[-1]}{os.sep}")
    return 1 if wrong else 0


def _progress(items: Iterable, count: int, what: str) -> Iterator:
    """The items, with a line on the terminal that counts them; silent in a pipe."""
    terminal = sys.stderr.isatty()
    for done, item in enumerate(items, start=1):
        if terminal:
            print(f"\r{what} {done}/{count}", end="", file=sys.stderr, flush=True)
        yield item
    if terminal:
        print("\r" + " " * (len(what) + 12) + "\r", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
