"""Plain text as LaTeX, with what is written in mathematical letters as formulas."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

__all__ = ["escape", "pieces", "prose"]

_TEXT = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",  # OT1 has no straight quotation mark
    "`": "`{}",
    "\u00a0": "~",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"\dots{}",
    "·": r"\ensuremath{\cdot}",  # between words, where the thin space of a formula would run them together
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "§": r"\S{}",
    "©": r"\copyright{}",
}
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}
_COMMANDS = """
    α alpha  β beta  γ gamma  δ delta  ε varepsilon  ζ zeta  η eta  θ theta  ι iota  κ kappa  λ lambda
    μ mu  ν nu  ξ xi  π pi  ρ rho  ς varsigma  σ sigma  τ tau  υ upsilon  φ varphi  χ chi  ψ psi
    ω omega  Γ Gamma  Δ Delta  Θ Theta  Λ Lambda  Ξ Xi  Π Pi  Σ sum  Φ Phi  Ψ Psi  Ω Omega  µ mu
    ∑ sum  ∏ prod  ∂ partial  ∇ nabla  ∞ infty  √ surd  ℓ ell  × times  ÷ div  ± pm  ≤ le  ≥ ge  ≠ neq
    ≈ approx  ≡ equiv  ∝ propto  ∈ in  ∉ notin  ⊂ subset  ∪ cup  ∩ cap  → to  ← leftarrow  ↦ mapsto
    ⇒ Rightarrow  ∀ forall  ∃ exists  ‖ Vert  ∘ circ  ⋅ cdot  ⟨ langle  ⟩ rangle
"""
_MATHS = {c: "\\" + command for c, command in re.findall(r"(\S) (\w+)", _COMMANDS)}
_MATHS |= {"·": r"\,", "−": "-", "′": "'", "½": r"\frac{1}{2}", "ℝ": r"\mathbf{R}"}
_RAISED = dict(
    zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵃᵇᶜᵈᵉᵍʰⁱʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ", "0123456789+-()nabcdeghijklmoprstuvwxyzT", strict=True)
)
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-()aehijklmnoprstuvx", strict=True))
_MATH_CHARACTERS = frozenset([*_MATHS, *_RAISED, *_LOWERED])
_FUNCTION_WORDS = {"log": r"\log", "exp": r"\exp", "sinh": r"\sinh", "cosh": r"\cosh", "tanh": r"\tanh"}
_FUNCTION_WORDS |= {word: rf"\operatorname{{{word}}}" for word in ("softmax", "sign", "sigmoid", "softplus")}
_SCRIPTS = f"[{''.join(_RAISED)}]+|[{''.join(_LOWERED)}]+"
_RUNS = re.compile(f"{_SCRIPTS}|-+|.", re.DOTALL)
_PIECES = re.compile(f"[A-Za-z]+|{_SCRIPTS}|′+|.")
_MINUS = re.compile(r"(?<=\s)-(?=\s)|(?<![\w)\]'\"-])-(?=[\w(])")
"""A hyphen that stands for a minus: between spaces, or before a number or a name and not behind one."""
_POWER = re.compile(r"(?<![A-Za-z0-9_)])[A-Za-z]\^(?:[A-Za-z0-9∞](?![A-Za-z0-9_])|\([^()]*\))")
"""A power of one letter, as it is typed: C^1, e^x, e^(−|x|)."""
_PLAIN_MATH = re.compile(r"[A-Za-z0-9()|+\-/=<>*.,:; ]*")


def escape(text: str) -> str:
    """Plain text as LaTeX text. What has no LaTeX is transliterated, or left out."""
    return _RUNS.sub(_run_escaped, text)


def _run_escaped(match: re.Match[str]) -> str:
    run = match.group()
    for table, mark in ((_RAISED, "^"), (_LOWERED, "_")):
        if run[0] in table:
            return rf"\ensuremath{{{mark}{{{''.join(table[c] for c in run)}}}}}"
    return "{}".join(map(_escaped, run))  # hyphens kept apart are no dash


def _escaped(c: str) -> str:
    if c in _TEXT:
        return _TEXT[c]
    if c in _MATHS:
        return rf"\ensuremath{{{_MATHS[c].strip()}}}"
    if c.isascii():
        return c if c.isprintable() or c in "\n\t" else ""
    base, *marks = list(unicodedata.normalize("NFD", c))
    if marks and base.isascii() and base.isalpha() and marks[0] in _ACCENTS:
        return rf"\{_ACCENTS[marks[0]]}{{{base if base not in 'ij' else chr(92) + base}}}"
    plain = unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode()
    return "".join(_TEXT.get(x, x) for x in plain if x.isprintable())


def prose(text: str, escaped: Callable[[str], str] = escape) -> str:
    """Sentences as LaTeX; what is written in mathematical letters, as ∂xᵢ/∂xₖ = δᵢₖ, becomes a formula.

    ``escaped`` writes the words between the formulas, for a language that has the same formulas in other prose.
    """
    return "".join(
        f"${piece}$" if mathematics else " ".join(map(escaped, _MINUS.sub("−", piece).split(" ")))
        for piece, mathematics in pieces(text)
    )


def pieces(text: str) -> list[tuple[str, bool]]:
    """Sentences taken apart: plain text as it is and formulas as LaTeX, each with whether it is a formula."""
    words = text.split()
    marks = _marks(words)
    out: list[tuple[str, bool]] = []
    run: list[str] = []
    for place, word in enumerate(words):
        last = place + 1 == len(words)
        if not marks[place]:
            _add(out, word + " " * (not last))
            continue
        run.append(word)
        if last or not marks[place + 1] or _ends(word):
            written = " ".join(run)
            formula = written.rstrip(".,;:")
            out.append((_inline(formula), True))
            _add(out, written[len(formula) :] + " " * (not last))
            run = []
    return out


def _add(out: list[tuple[str, bool]], text: str) -> None:
    """Put text behind what is there, in one piece with other text."""
    if out and not out[-1][1]:
        text = out.pop()[0] + text
    if text:
        out.append((text, False))


def _marks(words: list[str]) -> list[bool]:
    """Which words belong to formulas: those with mathematical letters, and what such a word draws in."""
    marks = [_is_math(word) for word in words]
    for place in range(1, len(words) - 1):  # x = y, with y what may be a formula
        around = (place - 1, place + 1)
        if words[place] in ("=", "<", ">") and all(marks[side] or _joins(words[side]) for side in around):
            marks[place - 1 : place + 2] = [True] * 3
    start = None  # of a run of words that may belong to the formula behind them
    for place, word in enumerate(words):
        if marks[place]:
            if start is not None:
                marks[start:place] = [True] * (place - start)
            start = None if _ends(word) else place + 1
        elif not _joins(word) or _ends(word):
            start = None
        elif start is None and (word.strip("(") in _FUNCTION_WORDS or word.count("(") > word.count(")")):
            start = place
    for place in range(len(words) - 2):  # what follows on an operator, as in J = D / (2 - D)
        operator, operand = words[place + 1], words[place + 2]
        if marks[place] and not _ends(words[place]) and operator in "-−+=<>≤≥/" and _joins(operand):
            marks[place + 1 : place + 3] = [True] * 2
    return marks


def _ends(word: str) -> bool:
    """Whether punctuation ends a formula at this word."""
    return word[-1] in ".,;:"


def _is_math(word: str) -> bool:
    """Whether a word holds a mathematical letter or a power and reads as a formula."""
    rest = "".join(" " if c in _MATH_CHARACTERS else c for c in word)
    if _POWER.search(word):
        rest = rest.replace("^", " ")
    if rest == word or not _PLAIN_MATH.fullmatch(rest):
        return False
    return all(len(letters) < 4 or letters in _FUNCTION_WORDS for letters in re.findall("[A-Za-z]+", rest))


def _joins(word: str) -> bool:
    """Whether a word may belong to a formula: a letter, a number, f(k), an operator, a function's name."""
    bare = word.rstrip(".,;:")
    if bare in ("a", "A", "I") or not _PLAIN_MATH.fullmatch(bare):
        return False
    return all(len(letters) == 1 or letters in _FUNCTION_WORDS for letters in re.findall("[A-Za-z]+", bare))


def _inline(formula: str) -> str:
    """A formula in mathematical letters, such as ∂xᵢ/∂xₖ = δᵢₖ, as LaTeX."""
    formula = re.sub(r"\^\(([^()]*)\)", r"^{\1}", formula)
    out: list[str] = []
    scripts: set[str] = set()  # what the last letter has already, for TeX allows one of each
    for piece in _PIECES.findall(formula):
        if piece.isspace():
            out.append(" ")
            continue
        mark = "^" if piece[0] in _RAISED or piece[0] == "′" else "_" if piece[0] in _LOWERED else ""
        if mark in scripts:
            out.append("{}")
            scripts = set()
        scripts = scripts | {mark} if mark else set()
        if mark:
            inner = "".join(_RAISED.get(c) or _LOWERED.get(c) or r"\prime " for c in piece)
            out.append(f"{mark}{{{inner.strip()}}}")
            continue
        tex = _FUNCTION_WORDS.get(piece) or _MATHS.get(piece, piece)
        out.append(tex + " " * (tex.startswith("\\") and tex[-1].isalpha()))
    # behind an operator's name TeX takes a minus for a sign, as in log −1
    return re.sub(r"(\\operatorname\{\w+\}) (?=[-+])", r"\1{} ", "".join(out).strip())
