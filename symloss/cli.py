"""The command ``symloss``."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from symloss.store import kept

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
        prog="symloss", allow_abbrev=False, description="Derive, document and generate loss functions."
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

    one = commands.add_parser(
        "certify", help="measure the error of the generated code, and say so in its head"
    )
    one.add_argument("what", nargs="*", metavar="NAME|FILE.py", help="losses; none: the whole catalogue")
    one.add_argument(
        "--seed", type=int, default=0, help="of the points that are drawn (default: %(default)s)"
    )
    one.add_argument(
        "--depth", type=float, default=1.0, help="times the usual number of points (default: %(default)s)"
    )
    one.add_argument("--out", type=Path, default=Path("generated"), help="the folder (default: %(default)s)")
    one.add_argument("--json", action="store_true", help="print the certificates as JSON")
    one.set_defaults(run=_certify)
    return parser


# --- list and show ----------------------------------------------------------------------------------------


def _list(chosen: argparse.Namespace) -> int:
    form = "json" if chosen.json else "markdown" if chosen.markdown else "text"
    words = None if chosen.file else ("list", form)
    print(kept(words, lambda: _listed(chosen.file, form)))
    return 0


def _listed(file: str | None, form: str) -> str:
    from symloss import library, losses

    found = library.find(file) if file else {name: losses.get(name) for name in losses.names()}
    if form == "json":
        described = [library.described(loss) for loss in found.values()]
        return json.dumps(described, indent=2, ensure_ascii=False)
    if form == "markdown":
        return _table(found.values())
    width = max(map(len, found))
    lines, task = [], None
    for loss in found.values():
        if loss.task != task:
            task = loss.task
            lines.append(f"{task.replace('_', ' ')}:")
        lines.append(f"  {loss.name:{width}}  {loss.summary}")
    return "\n".join(lines)


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
        "stability": _applied(loss),
        "steps": [step(wrt, s) for wrt in loss.differentiated for s in loss.derivation(wrt)],
    }


def _applied(loss: Any) -> list[dict[str, str]]:
    """The stability rewrites of value and derivatives, in the order of their use."""
    from symloss.present.latex import latex
    from symloss.schedule import named_expressions
    from symloss.stabilize import stabilize

    return [
        {
            "rule": a.name,
            "why": a.why,
            "before": str(a.before),
            "after": str(a.after),
            "before_latex": latex(a.before, loss),
            "after_latex": latex(a.after, loss),
        }
        for a in stabilize(loss, named_expressions(loss)).applied
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
    if loss.cite:
        print(f"  source: {'; '.join(loss.cite)}")
    if derivation:
        for wrt in loss.differentiated:
            print(f"\nthe derivative by {wrt}:\n{loss.derivation(wrt)}")
    if stability:
        print("\nrewritten for numerical soundness, in value and derivatives:")
        applied = _applied(loss)
        if not applied:
            print("  nothing: the formulas are sound as they are")
        for a in applied:
            print(f"  {a['rule']}: {a['why']}")
            print(f"    {a['before']}  ->  {a['after']}")
            print(f"    {a['before_latex']} \\longrightarrow {a['after_latex']}")
    print()


# --- generate ---------------------------------------------------------------------------------------------


def _generate(chosen: argparse.Namespace) -> int:
    from symloss import backends
    from symloss.generate import check, generate

    targets = list(dict.fromkeys(t for t in chosen.target.split(",") if t))
    if not targets:
        raise ValueError(f"--target {chosen.target!r} names none of {', '.join(backends.BACKENDS)}")
    for target in targets:
        if target not in backends.BACKENDS:
            backends.get(target)
    requests = _requests(chosen.what)
    written = generate(requests, targets, chosen.out, _progress)
    if not chosen.check:
        folders = sorted({str(path.parent) for path in written})
        print(f"{len(requests)} losses, {len(written)} files in {', '.join(folders)}")
        return 0
    return _print_checked(requests, check(requests, _progress), chosen.out, targets)


def _requests(what: list[str]) -> list:
    """The losses that words on the command line stand for."""
    from symloss.generate import Request

    catalogue = kept(("names",), _catalogue)
    if not what:
        return [Request(name, name) for name in catalogue]
    requests = []
    for origin in what:
        requests += [Request(name, origin) for name in ([origin] if origin in catalogue else _found(origin))]
    names = [r.name for r in requests]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} is asked for twice; one of its files would overwrite the other")
    return requests


def _catalogue() -> list[str]:
    from symloss import losses

    return list(losses.names())


def _found(origin: str) -> list[str]:
    from symloss import library

    return list(library.find(origin))


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


# --- certify ----------------------------------------------------------------------------------------------


def _certify(chosen: argparse.Namespace) -> int:
    from symloss.generate import certify

    if importlib.util.find_spec("flint") is None or importlib.util.find_spec("tqdm") is None:
        raise RuntimeError("certify needs python-flint and tqdm: pip install 'symloss[certify]'")
    if chosen.seed < 0:
        raise ValueError(f"--seed is {chosen.seed}, expected a whole number that is at least 0")
    if not 0 < chosen.depth < float("inf"):
        raise ValueError(f"--depth is {chosen.depth}, expected a number above 0")
    found = certify(_requests(chosen.what), chosen.seed, chosen.depth, chosen.out, _bar)
    if chosen.json:
        print(f"[{', '.join(c.json().rstrip() for c in found)}]")
    else:
        _print_certified(found, chosen.out)
    return 0 if all(c.sound for c in found) else 1


def _print_certified(found: list, out: Path) -> None:
    from symloss.certificate import FOLDER
    from symloss.generate import KERNELS

    width = max(len(c.loss) for c in found)
    print("the largest error in ulp, and as a share of the bound (1 and below is inside):")
    print(f"{'':{width}}  {'results':>8}  " + "  ".join(f"{b} {d[-2:]:>{16 - len(b)}}" for b, d in KERNELS))
    for c in found:
        cells = []
        for backend, dtype in KERNELS:
            rows = [m for m in c.of(backend) if m.dtype == dtype]
            ulps, share = max(m.ulps for m in rows), max(m.share for m in rows)
            cells.append(f"{ulps:8.2g} {share:8.2g}")
        verdict = "inside" if c.sound else "MISSES"
        print(f"{c.loss:{width}}  {sum(m.results for m in c.measured):8}  {'  '.join(cells)}  {verdict}")
    for c in found:
        for m in c.measured:
            if m.beyond and m.where is not None:
                print(
                    f"{c.loss}: {m.output} ({m.backend} {m.dtype}) is beyond the bound in {m.beyond} of {m.results} "
                    f"results, {m.ordinary_beyond} of {m.ordinary} at ordinary numbers: "
                    f"{m.where['computed']} instead of {m.where['exact']} at {m.where['at']}"
                )
    misses = sum(not c.sound for c in found)
    print(f"{len(found)} losses, {misses} of them beyond the bound somewhere; {out / FOLDER}{os.sep}")


def _bar(items: Iterable, count: int, what: str) -> Iterable:
    """The items, with a progress bar on a terminal."""
    from tqdm import tqdm

    return tqdm(items, desc=what, total=count, disable=None, leave=False)


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
