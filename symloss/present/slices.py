"""Which curves to draw of a loss: how one number, the variable that a person would plot it by, moves its inputs.

The variable is found in the declaration: the named intermediate that is affine in what is differentiated (a residual,
z_t, p_t); else the subexpression through which all inputs enter (the margin target·score); for losses over axes the
score of one class, the distance of two embeddings, the overlap of two regions; else an entry of the input itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Symbol

from symloss.domains import Domain, Real
from symloss.functions import LogSoftmax, LogSumExp, Softmax, names_in, sigmoid, softplus
from symloss.present.notation import notation_of
from symloss.present.printer import latex
from symloss.value import Input, Loss

__all__ = ["Curve", "Slice", "moves_together", "slices"]

CLASSES = 3
PIXELS = 10
APART = 2.0
CIRCLE = ((1.0, 0.0), (-0.5, 0.75), (-0.5, -0.75))
"""Directions for the embeddings of a batch."""


@dataclass(frozen=True)
class Curve:
    """A derivative along a slice: what it is called, and the weights of the gradient's entries in it."""

    tex: str
    words: str
    weights: Mapping[str, Any]


@dataclass(frozen=True)
class Slice:
    """A line through the inputs of a loss. Each number of an input is a pair: its value at 0, and its slope.

    ``tex`` and ``words`` name the variable along the line, ``case`` what sets it apart from the loss's other slices.
    """

    loss: Loss
    tex: str
    words: str
    low: float
    high: float
    inputs: Mapping[str, Any]
    curves: tuple[Curve, ...]
    case: str = ""
    case_tex: str = ""

    def places(self, count: int = 400) -> np.ndarray:
        """Places along the line, none of them exactly at its middle, where kinks like to be."""
        return np.linspace(self.low, self.high, count)

    def arrays(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """The inputs at each place: the places in front of their own axes."""
        found = {i.name: _moved(self.inputs[i.name], x) for i in self.loss.inputs}
        for i in self.loss.inputs:
            if i.type.classes:
                found[i.name] = found[i.name].astype(np.int64)
        return found

    def drawn(self, x: np.ndarray, **parameters: Any) -> tuple[np.ndarray, list[np.ndarray]]:
        """The loss at each place, and each curve of the derivative."""
        kernel = self.loss.load("numpy")
        parameters = {name: self._shaped(name, number) for name, number in parameters.items()}
        if self.loss.batch == 0:
            value, gradient = kernel.value_and_gradient(**self.arrays(x), **parameters, reduction="none")
            return value, [self._along(curve, gradient, len(x)) for curve in self.curves]
        values, rows = [], []
        for one_x in x:
            arrays = {
                name: array if self.loss.argument(name).per_example else array[0]
                for name, array in self.arrays(np.array([one_x])).items()
            }
            value, gradient = kernel.value_and_gradient(**arrays, **parameters, reduction="sum")
            values.append(float(value))
            rows.append([self._along(curve, gradient, 1)[0] for curve in self.curves])
        return np.array(values), list(np.array(rows).T)

    def _shaped(self, name: str, number: float) -> Any:
        """A hyper-parameter with axes gets the same number everywhere."""
        axes = self.loss.argument(name).axes
        if not axes:
            return number
        sizes: dict[str, int] = {}
        for i in self.loss.inputs:
            shape = np.array(self.inputs[i.name], float).shape[:-1]
            sizes.update(zip(i.axes, shape, strict=True))
        return np.full([sizes.get(axis, 1) for axis in axes], number)

    def _along(self, curve: Curve, gradient: Any, count: int) -> np.ndarray:
        by_name = gradient if isinstance(gradient, dict) else {self.loss.differentiated[0]: gradient}
        total = np.zeros(count)
        for name, weights in curve.weights.items():
            flat = np.asarray(weights, float).reshape(-1)
            total = total + np.asarray(by_name[name], float).reshape(count, -1) @ flat
        return total


def slices(loss: Loss) -> tuple[Slice, ...]:
    """The lines along which a loss is drawn; none where no value is finite on any."""
    for kind in (_of_numbers, _of_classes, _of_overlap, _of_distance, _of_entries):
        found = tuple(s for s in kind(loss) if _usable(s))
        if found:
            return found
    return ()


def _usable(one: Slice) -> bool:
    try:
        value, rows = one.drawn(one.places(9))
    except (ValueError, IndexError):
        return False
    return bool(np.isfinite(value).any() and all(np.isfinite(row).any() for row in rows))


# --- numbers of inputs ------------------------------------------------------------------------------------


def _moved(nested: Any, x: np.ndarray) -> np.ndarray:
    """An input at each place: the places in front of its own axes."""
    pairs = np.array(nested, float)
    start, slope = pairs[..., 0], pairs[..., 1]
    return start + slope * x.reshape(-1, *([1] * start.ndim))


def _fixed(number: float) -> tuple[float, float]:
    return (float(number), 0.0)


def _filled(shape: tuple[int, ...], number: float) -> Any:
    return [_filled(shape[1:], number) for _ in range(shape[0])] if shape else _fixed(number)


def _base(domain: Domain) -> float:
    """The number of a domain that an input has while another one moves."""
    if domain.values:
        return max(domain.values)
    low, high = float(domain.lower), float(domain.upper)
    if low < 0 < high or (not domain.lower_open and low == 0 and high == np.inf):
        return 0.0
    return (low + high) / 2 if high < np.inf else low + 1


def _choices(domain: Domain) -> tuple[float, ...]:
    """The numbers of a domain that tell different cases: the labels, the ends of the probabilities, small counts."""
    if domain.values:
        return tuple(sorted(map(float, domain.values), reverse=True))
    if (domain.lower, domain.upper) == (0, 1):
        return (1.0, 0.0)
    return (1.0, 3.0, 0.0) if domain.lower == 0 and not domain.lower_open else (_base(domain),)


def _range(loss: Loss, domain: Domain) -> tuple[float, float]:
    """Where a number of a domain is drawn; what goes through an exponential is drawn further out than a residual."""
    low, high = float(domain.lower), float(domain.upper)
    if high < np.inf and low > -np.inf:
        margin = (high - low) / 200
        return low + margin, high - margin
    if low > -np.inf:
        return low + 0.02 * (1 if domain.lower_open else 0), low + 4
    everything = loss.expand(loss.expression)
    if everything.has(sigmoid, softplus, Softmax, LogSoftmax, LogSumExp):
        return -6.0, 6.0
    return (-3.0, 3.0) if everything.has(sympy.exp) else (-4.0, 4.0)


def _cases(loss: Loss, names: list[str]) -> Iterator[tuple[dict[str, float], str, str]]:
    """Each choice of the inputs that tell cases, with how it is written."""
    notation = notation_of(loss)
    options = [_choices(loss.argument(name).domain) for name in names]
    several = [name for name, some in zip(names, options, strict=True) if len(some) > 1]
    for chosen in itertools.product(*options):
        values = dict(zip(names, chosen, strict=True))
        told = ", ".join(f"{name} = {values[name]:g}" for name in several)
        tex = ", ".join(f"{notation[name].tex()} = {values[name]:g}" for name in several)
        yield values, told, tex


# --- elementwise losses -----------------------------------------------------------------------------------


def _of_numbers(loss: Loss) -> Iterator[Slice]:
    if loss.kind != "elementwise":
        return
    fixed = [i.name for i in loss.inputs if i.name not in loss.differentiated]
    wrt = loss.differentiated[0]
    for natural, through in _candidates(loss):
        open_names = [] if through else fixed
        lines = [_solved(loss, natural, wrt, values) for values, _, _ in _cases(loss, open_names)]
        if all(line is not None for line in lines):
            yield from _along_natural(loss, natural, wrt, open_names)
            return
    for name in loss.differentiated:
        yield from _along_input(loss, name, fixed)


def _candidates(loss: Loss) -> Iterator[tuple[Expr, bool]]:
    """What may be the natural variable, and whether all inputs enter through it alone."""
    inputs = {i.name for i in loss.inputs}
    for d in loss.definitions.values():
        if not d.indices and loss.depends(d.expr, loss.differentiated[0]):
            yield d.symbol, not (names_in(_expanded_but(loss, d.name)) & inputs)
    if not loss.definitions:
        parameters = {p.name for p in loss.parameters}
        for part in sympy.preorder_traversal(loss.expression):
            if (
                isinstance(part, Expr)
                and len(names_in(part) & inputs) > 1
                and not names_in(part) & parameters
            ):
                natural = -part if part.could_extract_minus_sign() else part
                stand_in = Symbol(" natural", real=True)
                rest = loss.expression.xreplace({natural: stand_in, -natural: -stand_in})
                if not names_in(rest) & inputs:
                    yield natural, True


def _expanded_but(loss: Loss, name: str) -> Expr:
    """The loss with every intermediate but one written out."""
    others = {k: d for k, d in loss.definitions.items() if k != name}
    return replace(loss, definitions=others).expand(loss.expression)


def _solved(loss: Loss, natural: Expr, wrt: str, values: Mapping[str, float]) -> tuple[float, float] | None:
    """The input as an affine function of the natural variable, the other inputs being fixed; None: it is none."""
    plain = {i.symbol: sympy.nsimplify(values.get(i.name, _base(i.domain))) for i in loss.inputs}
    symbol = loss.argument(wrt).symbol
    line = sympy.expand(loss.expand(natural).xreplace({s: v for s, v in plain.items() if s != symbol}))
    slope = sympy.diff(line, symbol)
    start = line.xreplace({symbol: sympy.Integer(0)})
    if not (slope.is_Rational and slope != 0 and start.is_Rational):
        return None
    return float(-start / slope), float(1 / slope)


def _along_natural(loss: Loss, natural: Expr, wrt: str, open_names: list[str]) -> Iterator[Slice]:
    signs = [i.name for i in loss.inputs if i.domain.values and min(i.domain.values) < 0]
    terms = sorted(sympy.Add.make_args(loss.expand(natural)), key=lambda t: t.could_extract_minus_sign())
    difference = len(terms) == 2 and all(
        abs(t.as_coeff_Mul()[0]) == 1 and (t.is_Symbol or (-t).is_Symbol) for t in terms
    )
    word = "margin" if names_in(natural) & set(signs) else "residual" if difference else ""
    tex = latex(natural, loss)
    written = str(natural).replace("*", "·")
    definition = loss.definitions.get(written)
    told = written
    if definition is not None:
        means = " - ".join(str(t).lstrip("-") for t in terms) if difference else definition.expr
        told = f"{written} = {means}".replace("*", "·")
    low, high = _range(loss, _domain_of(loss, wrt))
    for values, case, case_tex in _cases(loss, open_names):
        line = _solved(loss, natural, wrt, values)
        assert line is not None
        inputs = {i.name: _fixed(values.get(i.name, _base(i.domain))) for i in loss.inputs} | {wrt: line}
        curve = Curve(
            rf"\mathrm{{d}}\ell/\mathrm{{d}}{_closed(tex)}",
            f"the derivative with respect to {written}",
            {wrt: line[1]},
        )
        yield Slice(loss, tex, f"{word} {told}".strip(), low, high, inputs, (curve,), case, case_tex)


def _closed(tex: str) -> str:
    """A formula behind a d: a product in brackets."""
    return rf"({tex})" if " " in tex else f"{{{tex}}}"


def _domain_of(loss: Loss, wrt: str) -> Domain:
    """The domain of the natural variable: that of the input where it is a share, else all real numbers."""
    own = loss.argument(wrt).domain
    return own if float(own.upper) < np.inf else Real


def _along_input(loss: Loss, wrt: str, fixed: list[str]) -> Iterator[Slice]:
    one = loss.argument(wrt)
    low, high = _range(loss, one.domain)
    tex = notation_of(loss)[wrt].tex()
    for values, case, case_tex in _cases(loss, fixed):
        inputs = {i.name: _fixed(values.get(i.name, _base(i.domain))) for i in loss.inputs} | {
            wrt: (0.0, 1.0)
        }
        curve = Curve(rf"\partial\ell/\partial {tex}", f"the derivative with respect to {wrt}", {wrt: 1.0})
        yield Slice(loss, tex, wrt, low, high, inputs, (curve,), case, case_tex)


# --- losses over axes and over the batch ------------------------------------------------------------------


def _of_classes(loss: Loss) -> Iterator[Slice]:
    """The score or the probability of one class, while it is the target and while another one is."""
    wrt = loss.argument(loss.differentiated[0])
    labels = [
        i
        for i in loss.inputs
        if wrt.axes and (i.type.classes == wrt.axes[0] or (i.type.along and i.type.along == wrt.axes[0]))
    ]
    if loss.batch != 0 or len(labels) != 1 or len(loss.differentiated) > 1:
        return
    sizes = {axis: CLASSES if axis == wrt.axes[0] else 1 for axis in loss.axes}
    low, high = _range(loss, wrt.domain)
    tex = latex(wrt.element(*[sympy.Integer(1)] * len(wrt.axes)), loss)
    share = (1 / (CLASSES - 1), -1 / (CLASSES - 1))
    others = share if wrt.domain.upper == 1 else _fixed(0)
    for place, case in ((0, "this class is the target"), (1, "another class is the target")):
        inputs = {i.name: _filled(tuple(sizes[a] for a in i.axes), _base(i.domain)) for i in loss.inputs}
        inputs[wrt.name] = _first_axis(sizes, wrt, lambda k: (0.0, 1.0) if k == 0 else others)
        label = labels[0]
        if label.type.classes:
            inputs[label.name] = _filled(tuple(sizes[a] for a in label.axes), place)
        else:
            inputs[label.name] = _first_axis(sizes, label, lambda k, at=place: _fixed(k == at))
        weights = _first_axis(sizes, wrt, lambda k: float(k == 0))
        curve = Curve(
            rf"\partial\ell/\partial {tex}",
            f"the derivative with respect to {wrt.name}[1]",
            {wrt.name: weights},
        )
        name = "probability" if wrt.domain.upper == 1 else "score"
        rest = "share the rest" if name == "probability" else "are 0"
        words = f"{name} of one of {CLASSES} classes (the others {rest})"
        yield Slice(loss, tex, words, low, high, inputs, (curve,), case, rf"\text{{{case}}}")


def _first_axis(sizes: Mapping[str, int], one: Input, entry: Any) -> Any:
    """A tensor whose entries depend on their place along the first axis."""
    inner = tuple(sizes[a] for a in one.axes[1:])

    def nest(shape: tuple[int, ...], k: int) -> Any:
        return [nest(shape[1:], k) for _ in range(shape[0])] if shape else entry(k)

    return [nest(inner, k) for k in range(sizes[one.axes[0]])]


def _of_overlap(loss: Loss) -> Iterator[Slice]:
    """The share of a region that the predicted one, of the same size, covers."""
    if loss.kind != "batch" or len(loss.inputs) != 2 or len(loss.differentiated) != 1:
        return
    wrt = loss.argument(loss.differentiated[0])
    target = next(i for i in loss.inputs if i.name != wrt.name)
    if wrt.domain.upper != 1 or target.domain.values != (0, 1) or len(wrt.axes) != 1:
        return
    inputs = {
        wrt.name: [(0.0, 1.0)] * PIXELS + [(1.0, -1.0)] * PIXELS,
        target.name: [_fixed(1)] * PIXELS + [_fixed(0)] * PIXELS,
    }
    curves = []
    for place, where in ((0, "inside"), (PIXELS, "outside")):
        weights = [float(k == place) for k in range(2 * PIXELS)]
        words = f"the derivative with respect to the probability of a pixel {where} the region"
        tex = rf"\partial\mathcal{{L}}/\partial {notation_of(loss)[wrt.name].tex()}_\mathrm{{{where}}}"
        curves.append(Curve(tex, words, {wrt.name: weights}))
    words = f"overlap of two regions of {PIXELS} pixels, as a share"
    yield Slice(loss, r"\mathrm{overlap}", words, 0.0, 1.0, inputs, tuple(curves))


def _of_distance(loss: Loss) -> Iterator[Slice]:
    """The distance of two embeddings, where moving all of them together changes nothing."""
    names = loss.differentiated
    points = [loss.argument(name) for name in names]
    if loss.batch != 0 or len(points) < 2 or len({p.axes for p in points}) > 1 or len(points[0].axes) != 1:
        return
    if not moves_together(loss):
        return
    notation = notation_of(loss)
    pinned = ((0.0, 0.0), (0.0, 0.0), (0.0, APART), (0.0, -APART))
    base: dict[str, Any] = {name: [_fixed(c) for c in pinned[min(k, 3)]] for k, name in enumerate(names)}
    base[names[1]] = [(0.0, 1.0), _fixed(0)]
    tex = rf"\Vert {notation[names[0]].tex()} - {notation[names[1]].tex()} \Vert"
    words = f"distance between {names[0]} and {names[1]}"
    if len(names) > 2:
        words += f" ({names[0]} and {names[2]} are {APART:g} apart)"
    curve = Curve(
        rf"\mathrm{{d}}\ell/\mathrm{{d}}{tex}",
        "the derivative with respect to the distance",
        {names[1]: [1.0, 0.0]},
    )
    fixed = [i.name for i in loss.inputs if i.name not in names]
    for values, case, case_tex in _cases(loss, fixed):
        inputs = base | {name: _fixed(v) for name, v in values.items()}
        yield Slice(loss, tex, words, 0.005, 3.0, inputs, (curve,), case, case_tex)


def moves_together(loss: Loss) -> bool:
    """Whether the loss stays the same when all that is differentiated moves by the same vector."""
    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for i in loss.inputs:
        if i.name in loss.differentiated:
            arrays[i.name] = rng.normal(size=(1, 2))
        elif not i.axes:
            arrays[i.name] = np.array([_base(i.domain)])
        else:
            return False
    kernel = loss.load("numpy")
    moved = {n: a + 1.0 if n in loss.differentiated else a for n, a in arrays.items()}
    return bool(abs(kernel.value(**arrays) - kernel.value(**moved)) < 1e-9)


def _of_entries(loss: Loss) -> Iterator[Slice]:
    """The first entry of each input that is differentiated; the smallest tensors that there are."""
    notation = notation_of(loss)
    wide = any(len(i.axes) > 1 for i in loss.inputs)
    sizes = {axis: (len(CIRCLE) if k == 0 else 2) if wide else 1 for k, axis in enumerate(loss.axes)}
    for name in loss.differentiated:
        wrt = loss.argument(name)
        low, high = (-1.5, 1.5) if wide else _range(loss, wrt.domain)
        inputs = {i.name: _entries(i, sizes) for i in loss.inputs}
        weights = _filled(tuple(sizes[a] for a in wrt.axes), 0)
        inputs[name], own = _with_first(inputs[name], (0.0, 1.0)), _with_first(_bare(weights), 1.0)
        one = sympy.Integer(1)
        tex = latex(wrt.element(*[one] * len(wrt.axes)), loss) if wide else notation[name].tex()
        loss_tex = r"\ell" if loss.batch == 0 else r"\mathcal{L}"
        label = f"{name}[{', '.join('1' for _ in wrt.axes)}]" if wide else name
        curve = Curve(
            rf"\partial{loss_tex}/\partial {tex}", f"the derivative with respect to {label}", {name: own}
        )
        several = len(loss.differentiated) > 1
        yield Slice(
            loss, tex, label, low, high, inputs, (curve,), label if several else "", tex if several else ""
        )


def _entries(one: Input, sizes: Mapping[str, int]) -> Any:
    if len(one.axes) == 2 and one.domain.lower == -sympy.oo:
        return [
            [_fixed(CIRCLE[row][column]) for column in range(sizes[one.axes[1]])]
            for row in range(sizes[one.axes[0]])
        ]
    number = 0 if one.type.classes else _base(one.domain)
    return _filled(tuple(sizes[a] for a in one.axes), number)


def _bare(nested: Any) -> Any:
    return [_bare(n) for n in nested] if isinstance(nested, list) else nested[0]


def _with_first(nested: Any, entry: Any) -> Any:
    """The tensor with another first entry."""
    if not isinstance(nested, list):
        return entry
    return [_with_first(nested[0], entry), *nested[1:]]
