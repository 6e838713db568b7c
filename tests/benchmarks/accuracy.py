"""Compares the accuracy of symloss with that of its peers on the same points, and writes docs/accuracy.md.

Prints a Markdown table; with --update it also writes the table, and the text of the bound, into the document.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import math
import platform
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[2] / "docs"))

from marked_parts import replaced
from peers import PEERS, Peer, PeerKernel

import symloss
from symloss.certificate import Measured
from symloss.certify import bound
from symloss.certify.measure import Measurement
from symloss.certify.points import Batch
from symloss.runtime import compiler_version

ROOT = Path(__file__).resolve().parents[2]

UNIFORM, LOGARITHMIC = 802, 101
"""802 points spread evenly over [-800, 800], and 101 of each sign from 1e-300 to 1, every third power of 10.

802 + 2 · 101 = 1,004. An even number of evenly spread points leaves out 0, and gives numbers with all their digits.
"""

OUTPUTS = ("value", "gradient")
BACKENDS = {"numpy": "symloss, NumPy", "c": "symloss, C"}


def points() -> np.ndarray:
    """The logits, or the residuals, that every row is measured at."""
    small = np.logspace(-300, 0, LOGARITHMIC)
    return np.concatenate([np.linspace(-800, 800, UNIFORM), -small, small])


@dataclass(frozen=True)
class Row:
    """A loss of the catalogue with one target, a number or a distribution over three classes."""

    name: str
    target: str
    numbers: float | tuple[float, ...]

    @property
    def loss(self) -> Any:
        """The declared loss."""
        return symloss.get(self.name)

    def batch(self, at: np.ndarray) -> Batch:
        """The examples: a point z itself, or the three logits z, 0 and -z/2."""
        if self.loss.axes:
            at = np.stack([at, np.zeros_like(at), -at / 2], axis=1)
        target = np.broadcast_to(np.asarray(self.numbers, dtype=at.dtype), at.shape).copy()
        arrays = dict(zip((one.name for one in self.loss.inputs), (at, target), strict=True))
        sizes = dict.fromkeys(self.loss.axes, at.shape[-1])
        return Batch(self.loss, arrays, {p.name: p.default for p in self.loss.parameters}, sizes)

    def kernels(self, peers: Sequence[Peer]) -> list[Any]:
        """Our kernels of the loss, and the functions of peers that have it."""
        found: list[Any] = [self.loss.load(backend, dtype="float64") for backend in BACKENDS]
        for peer in peers:
            offered = peer.losses()
            function = offered.get(self.name) or offered.get(f"{self.name}, {self.target}")
            if function is not None:
                found.append(PeerKernel(peer.name, function))
        return found


ROWS = (
    Row("binary_cross_entropy_with_logits", "0", 0.0),
    Row("binary_cross_entropy_with_logits", "1", 1.0),
    Row("binary_cross_entropy_with_logits", "0.3", 0.3),
    Row("focal_with_logits", "0", 0.0),
    Row("focal_with_logits", "1", 1.0),
    Row("log_cosh", "0", 0.0),
    Row("huber", "0", 0.0),
    Row("mean_squared_error", "0", 0.0),
    Row("softmax_cross_entropy", "one-hot", (1.0, 0.0, 0.0)),
    # binary fractions, so that the numbers are a distribution exactly, as the declared gradient takes them to be
    Row("softmax_cross_entropy", "soft", (0.5, 0.375, 0.125)),
)


def measured(row: Row, kernels: Sequence[Any], at: np.ndarray) -> dict[tuple[str, str], Measured]:
    """What each kernel's results are off by, by its name and "value" or "gradient"."""
    measurement = Measurement(row.loss, list(kernels), "float64", OUTPUTS)
    with np.errstate(all="ignore"):
        measurement(row.batch(at))
    return measurement.measured


def table(at: np.ndarray, peers: Sequence[Peer] = PEERS, rows: Sequence[Row] = ROWS) -> str:
    """The comparison in Markdown, after the versions of what was compared."""
    present = [peer for peer in peers if peer.version is not None]
    lines = [
        *_versions(present, [peer for peer in peers if peer.version is None]),
        "",
        "| loss | target | computed by "
        + "".join(f"| {output}: above 4 ulp | worst, ulp | beyond the bound " for output in OUTPUTS)
        + "|",
        "|---|---|---|" + "--:|" * 3 * len(OUTPUTS),
    ]
    for row in rows:
        kernels = row.kernels(present)
        found = measured(row, kernels, at)
        for kernel in kernels:
            cells = [row.name, row.target, BACKENDS.get(kernel.backend, kernel.backend)]
            for output in OUTPUTS:
                m = found[kernel.backend, output]
                cells += [_share(m.beyond_four_ulp, m.results), _ulps(m.ulps), _share(m.beyond, m.results)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _versions(present: Sequence[Peer], absent: Sequence[Peer]) -> list[str]:
    own = f"symloss {symloss.__version__} with NumPy {np.__version__} and {compiler_version()}"
    machine = " ".join(part for part in (platform.machine(), *platform.libc_ver()) if part)
    names = dict.fromkeys(f"{peer.distribution} {peer.version}" for peer in present)
    words = f"Compared on {machine}: {', '.join([own, *names])}."
    if absent:
        words += f" Skipped, because they are not installed: {', '.join(p.name for p in absent)}."
    return textwrap.wrap(words, 118, break_long_words=False, break_on_hyphens=False)


def _share(count: int, of: int) -> str:
    """A share in percent; 0 is written only where there is none."""
    if count == 0:
        return "0"
    return "< 0.1 %" if count < of / 1000 else f"{100 * count / of:.1f} %"


def _ulps(ulps: float) -> str:
    if math.isinf(ulps):
        return "∞"
    return f"{ulps:.1f}" if ulps < 1000 else f"{ulps:.1e}"


def text_of_bound() -> str:
    """The bound in words: the text under FACTOR, with its number."""
    body = ast.parse(inspect.getsource(bound)).body
    place = next(
        k
        for k, node in enumerate(body)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FACTOR"
    )
    words = body[place + 1]
    if not (isinstance(words, ast.Expr) and isinstance(words.value, ast.Constant)):
        raise ValueError(f"{bound.__name__}: FACTOR has no text under it")
    return inspect.cleandoc(words.value.value).replace("FACTOR", str(bound.FACTOR)) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print the table, and update the document where that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--update", action="store_true", help="write docs/accuracy.md, too")
    chosen = parser.parse_args(arguments)
    comparison = table(points())
    print(comparison, end="")
    if chosen.update:
        document = ROOT / "docs" / "accuracy.md"
        parts = {"bound": text_of_bound(), "accuracy": comparison}
        text = replaced(document.read_text(encoding="utf-8"), parts, "docs/accuracy.md")
        document.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
