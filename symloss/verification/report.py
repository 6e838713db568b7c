"""What was found about a hand-written gradient, for a terminal, a notebook and a program."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

__all__ = ["KINDS", "Finding", "Report"]

KINDS = (
    "scale sign missing-chain-factor wrong-variable missing-term extra-term wrong-branch swapped-arguments "
    "ignored-parameter kink reduction shape unstable nan hessian mutates-input nondeterministic exception timeout other"
).split()
"""What a finding may be."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found: what, where, the smallest example that shows it, and what to write instead."""

    kind: str
    message: str
    where: str = ""
    counterexample: dict[str, Any] | None = None
    correction: str = ""
    latex: str = ""
    """The formula that the function computes, where it was recognised."""
    verdict: str = ""
    """What it means for the verdict: wrong, unstable, undecided, or nothing."""

    def data(self) -> dict[str, Any]:
        """As it stands in the JSON report."""
        return {
            "kind": self.kind,
            "where": self.where,
            "message": self.message,
            "counterexample": self.counterexample,
            "correction": self.correction,
        }


@dataclass(frozen=True)
class Report:
    """The verdict on a gradient. It is true when the verdict is "right".

    ``convention`` holds the conventions under which it was judged, by name; ``truth`` says what it was held against.
    """

    function: str
    loss: str
    verdict: str
    stable: bool
    convention: dict[str, Any]
    findings: tuple[Finding, ...]
    points: int
    seed: int
    truth: str = "symbolic"
    notes: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        return self.verdict == "right"

    def data(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "verdict": self.verdict,
            "stable": self.stable,
            "convention": self.convention,
            "findings": [f.data() for f in self.findings],
            "points": self.points,
            "seed": self.seed,
        }

    def json(self) -> str:
        """The report as JSON."""
        return json.dumps(_plain(self.data()), indent=2, ensure_ascii=False)

    @property
    def headline(self) -> str:
        """The verdict in a line."""
        said = self.verdict if self.stable or self.verdict != "right" else "right, unstable"
        return f"{self.function}: {said}" + (f" (gradient of {self.loss})" if self.loss else "")

    def __str__(self) -> str:
        lines, told = [self.headline], set()
        for finding in self.findings:
            lines.append("")
            lines.append(f"  {finding.kind}: {finding.message}")
            if finding.where:
                lines.append(f"  where: {finding.where}")
            if finding.counterexample is not None:
                lines += [f"  {line}" for line in _example_lines(finding.counterexample)]
            if finding.correction in told:
                lines.append("  write: the same")
            elif finding.correction:
                lines += ["  write:", *(f"    {line}" for line in finding.correction.splitlines())]
                told.add(finding.correction)
        if self.convention:
            lines += ["", "  conventions:", *(f"    {k}: {v}" for k, v in self.convention.items())]
        lines += [f"  note: {note}" for note in self.notes]
        held = "arbitrary precision" if self.truth == "symbolic" else "differences of your own value function"
        lines.append(f"  {self.points} numbers compared with {held}, seed {self.seed}")
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        parts, told = [f"**{_escaped(self.headline)}**"], set()
        for finding in self.findings:
            where = f" *{_escaped(finding.where)}*" if finding.where else ""
            parts.append(f"- **{finding.kind}**{':' + where if where else ''} {_escaped(finding.message)}")
            if finding.latex:
                parts.append(f"\n  what it computes: $\\displaystyle {finding.latex}$")
            if finding.counterexample is not None:
                parts.append(
                    "\n  ```python\n  " + "\n  ".join(_example_lines(finding.counterexample)) + "\n  ```"
                )
            if finding.correction and finding.correction not in told:
                parts.append("\n  ```python\n  " + "\n  ".join(finding.correction.splitlines()) + "\n  ```")
                told.add(finding.correction)
        if self.convention:
            parts.append(
                "\n" + "; ".join(f"{_escaped(k)}: {_escaped(str(v))}" for k, v in self.convention.items())
            )
        return "\n".join(parts)

    def _repr_latex_(self) -> str | None:
        formulas = [f.latex for f in self.findings if f.latex]
        return f"$\\displaystyle {formulas[0]}$" if formulas else None


def _escaped(text: str) -> str:
    for mark in "\\`*_<>|#$":
        text = text.replace(mark, "\\" + mark)
    return text


def _example_lines(example: dict[str, Any]) -> list[str]:
    lines = [f"{example['call']}"]
    if example.get("expected") is None:
        return lines
    lines.append(f"gives {example['given']}, expected {example['expected']}" + (
        f"  ({example['entry']})" if example.get("entry") else ""
    ))  # fmt: skip
    return lines


def _plain(value: Any) -> Any:
    """Data that JSON can say: numbers that are not finite as words."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if hasattr(value, "item"):
        return _plain(value.item())
    return value
