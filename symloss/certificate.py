"""Certificates: what was measured of the kernels of a loss, as JSON and as the lines in the head of generated files."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "Certificate", "Measured", "digest", "percent", "read", "stamp", "total"]

FOLDER = "certificates"
"""Where certificates lie, beside the folders of the targets."""


@dataclass
class Measured:
    """What is known of one output of one kernel.

    ``results`` were compared with exact ones; for ``undefined`` more there is none, as for 0/0, or none was found.
    ``beyond`` of the results lie outside the bound. ``ordinary`` results are at ordinary numbers: every number that
    goes in is 0 or within a quarter of the format's exponents, so that a product of a few of them stays inside the
    format, and the exact result is 0 or a normal number; ``ordinary_beyond`` of these lie outside the bound.
    ``beyond_four_ulp`` are more than 4 ulp from the exact one. ``ulps`` is the largest error in ulp, ``share`` the
    largest share of the bound (above 1 is a miss), at ``where``: the numbers that went in, the entry, the result, the
    exact one, the error in ulp. A miss at ordinary numbers is shown before any other.
    """

    backend: str
    dtype: str
    output: str
    results: int = 0
    undefined: int = 0
    beyond: int = 0
    ordinary: int = 0
    ordinary_beyond: int = 0
    beyond_four_ulp: int = 0
    ulps: float = 0.0
    share: float = 0.0
    where: dict[str, Any] | None = None


@dataclass(frozen=True)
class Certificate:
    """The measurements of all kernels of a loss, and what is needed to make them again."""

    loss: str
    seed: int
    depth: float
    compiler: str
    flags: str
    digests: Mapping[str, str]
    """The SHA-256 of each target's generated code, without the certificate and the command in its head."""
    measured: tuple[Measured, ...]

    @property
    def sound(self) -> bool:
        """Whether every result lies inside the bound."""
        return not any(m.beyond for m in self.measured)

    def of(self, backend: str) -> list[Measured]:
        """The measurements of one backend."""
        return [m for m in self.measured if m.backend == backend]

    def json(self) -> str:
        """The certificate as JSON: numbers beyond the format are the words inf, -inf and nan."""
        return json.dumps(_plain(asdict(self)), indent=1, ensure_ascii=True, allow_nan=False) + "\n"

    def lines(self, backend: str) -> list[str]:
        """What the head of a generated file says of its certificate: a line for each format, and how it was made."""
        mine = self.of(backend)
        made = []
        for dtype in dict.fromkeys(m.dtype for m in mine):
            rows = [m for m in mine if m.dtype == dtype]
            worst = max(rows, key=lambda m: m.share)
            line = f"{dtype}: {total(rows, 'results')} results, {percent(rows, 'beyond', 'results')} beyond the bound"
            if total(rows, "beyond"):
                line += f", {percent(rows, 'ordinary_beyond', 'ordinary')} at ordinary numbers"
            line += f"; worst {_figure(worst.share)} of the bound"
            if worst.where is not None:
                line += f", {_figure(float(worst.where['ulps']))} ulp ({worst.output}{_place(worst.where)})"
            made.append(line)
        command = f"symloss certify, seed {self.seed}, depth {self.depth:g}"
        made.append(f"{command}; {self.compiler}, {self.flags}" if backend == "c" else command)
        return made


def read(path: Path) -> Certificate | None:
    """The certificate in a file; None where there is none.

    Raises
    ------
    ValueError
        Where the file is no certificate.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: no certificate: {error}") from error
    names = {f.name for f in fields(Certificate)}
    if not isinstance(content, dict) or content.keys() != names:
        raise ValueError(f"{path}: no certificate: expected the entries {', '.join(sorted(names))}")
    found = Certificate(
        **{k: v for k, v in content.items() if k != "measured"},
        measured=tuple(_measured(m, path) for m in _typed(content["measured"], list, path)),
    )
    for name, kind in {"loss": str, "seed": int, "compiler": str, "flags": str, "digests": dict}.items():
        _typed(getattr(found, name), kind, path)
    _typed(found.depth, (int, float), path)
    return found


def _measured(entry: Any, path: Path) -> Measured:
    """One entry, with its words for infinite numbers read back."""
    expected = {f.name: f.type for f in fields(Measured)}
    if not isinstance(entry, dict) or entry.keys() != expected.keys():
        raise ValueError(f"{path}: no certificate: a measurement has the entries {', '.join(expected)}")
    read_back: dict[str, Any] = {
        k: float(v) if expected[k] == "float" and v in ("inf", "nan") else v for k, v in entry.items()
    }
    kinds: dict[str, Any] = {"int": int, "float": (int, float), "str": str}
    for name, value in read_back.items():
        _typed(value, kinds.get(str(expected[name]), (dict, type(None))), path)
    return Measured(**read_back)


def _typed(value: Any, kind: Any, path: Path) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{path}: no certificate: {value!r} is out of place")
    return value


def digest(files: Mapping[str, str]) -> str:
    """The SHA-256 of generated files."""
    return hashlib.sha256("\0".join(f"{k}\0{v}" for k, v in sorted(files.items())).encode()).hexdigest()


def stamp(found: Certificate, target: str, files: Mapping[str, str]) -> list[str]:
    """What the head of a target's files says: of the certificate, if it is about this very code."""
    if target not in found.digests:
        return []
    if found.digests[target] != digest(files):
        return ["none: the code has changed since it was measured; run symloss certify"]
    return found.lines(target)


def total(rows: Iterable[Measured], count: str) -> int:
    """A count over several outputs."""
    return sum(getattr(m, count) for m in rows)


def percent(rows: Sequence[Measured], part: str, whole: str) -> str:
    """One count as a share of another."""
    return f"{_figure(100 * total(rows, part) / total(rows, whole))} %" if total(rows, part) else "0 %"


def _figure(x: float) -> str:
    return f"{x:.2f}" if 0.01 <= x < 100 else f"{x:.1e}"


def _place(where: Mapping[str, Any]) -> str:
    """The numbers of an example, where they are few enough for a line."""
    shown = {k: v for k, v in where["at"].items() if not isinstance(v, list)}
    if len(shown) < len(where["at"]):
        return ""
    return " at " + ", ".join(f"{k}={v!r}" for k, v in shown.items())


def _plain(x: Any) -> Any:
    if isinstance(x, Mapping):
        return {k: _plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [_plain(v) for v in x]
    if isinstance(x, float) and not math.isfinite(x):
        return str(x)
    return x
