"""What a declaration may say, and how a wrong one is refused."""

import math
import re
import signal
import textwrap

import mpmath
import numpy as np
import pytest
import sympy

import symloss.declare
from symloss.declare import (
    Abs,
    DeclarationError,
    Loss,
    Max,
    Mean,
    NonNegative,
    Piecewise,
    Positive,
    Real,
    Simplex,
    Sum,
    exp,
    index,
    log,
    loss,
    named,
    norm,
    parameter,
    softmax,
)
from symloss.domains import ClassIndex, Interval
from symloss.evaluate import SUPPORTED_FUNCTIONS, Environment, evaluate
from symloss.functions import ArgMax, AxisMax, Cases, LogSumExp, Norm, maximum, ratio, xlogy

d, i, j, l = (index(name) for name in "dijl")  # noqa: E741
WORDS = {name: getattr(symloss.declare, name) for name in symloss.declare.__all__}
WORDS |= {"sympy": sympy, "np": np, "math": math, "i": i, "j": j, "l": l, "x0": sympy.Symbol("x0")}


@pytest.fixture(autouse=True)
def within_five_seconds():
    """A declaration that never returns is a failure, not a wait. Its own time counts, not that of a busy machine."""

    def late(*_):
        raise TimeoutError("the declaration does not return")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, 5)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def declare(signature: str, body: str, name: str = "bad", **options) -> Loss:
    """``loss(def name(signature): body)``; the last line of the body is returned."""
    *lines, last = [line.strip() for line in body.split(";")]
    text = f"def {name}({signature}):\n" + textwrap.indent("\n".join([*lines, f"return {last}"]), "    ")
    space = dict(WORDS)
    exec(text, space)
    return loss(**options)(space[name])


def value(declared: Loss, values: dict, digits: int = 40, **sizes: int) -> mpmath.mpf:
    return evaluate(declared.expression, Environment(values, sizes, declared.definitions), digits)


with mpmath.workdps(50):
    FOURTEEN_THIRDS = mpmath.mpf(14) / 3


def close(a, b, digits=30):
    return abs(a - b) <= mpmath.mpf(10) ** -digits * max(1, abs(a), abs(b))


# --- wrong declarations -------------------------------------------------------------------------------------

TWO = "prediction: Real, target: Real"
VECTOR = 'x: Real["C"]'
VECTORS = 'x: Real["C"], y: Real["D"]'
SCALARS = "a: Real, b: Real"

# signature, body, what the message must say beside the name of the loss
REFUSED = {
    # symbols
    "free symbol": (TWO, "(prediction - x0)**2", "x0.*(argument|hyper-parameter)"),
    "free symbol in a named one": ("a: Real", "r = named('r', exp(x0)); a*r", r"in 'r'.*x0"),
    "foreign tensor": ("a: Real", "sympy.IndexedBase('q')[0]*a", "q.*not declared"),
    "size of an index": (VECTOR, "Sum[j](x[j])/size(j)", r"size\(j\): the name of an axis is wanted"),
    "size of an unknown axis": ("a: Real", "a/size('C')", "axis C"),
    # axes
    "one index, two axes": (VECTORS, "Sum[j](x[j]*y[j])", "index j.*C and D.*one axis"),
    "class index of another axis": ('x: Real["C"], t: ClassIndex["D"]', "x[t]", "C.*t.*D"),
    "class index of another axis in log_softmax": (
        'x: Real["C"], t: ClassIndex["D"]',
        "-log_softmax(x)[t]",
        "C.*D|D.*C",
    ),
    "softmax at a real number": ('x: Real["C"], a: Real', "-log_softmax(x)[a]", "a cannot index|index"),
    "softmax at a fraction": (VECTOR, "softmax(x)[2.5]", "index"),
    "softmax at a number out of range": (VECTOR, "softmax(x)[7]", "index"),
    "argmax over another axis": (VECTORS, "x[argmax[j](y[j])]", "C.*D"),
    "named tensor, indices exchanged": (
        VECTORS,
        "r = named('r', x[i]*y[j], i, j); Sum[i, j](r[i, j]*x[j]*y[i])",
        "C and D|D and C|axes must match",
    ),
    "index of nothing": (VECTOR, "Sum[j](x[l])*1.0", "j indexes nothing.*target\\[j\\]"),
    "index of a constant": (VECTOR, "Sum[j](2)*x[0]", "j indexes nothing"),
    "free index": (VECTOR, "x[j]**2", r"index j is free.*Sum\[j\]"),
    "free index in a named one": (VECTOR, "r = named('r', x[j]); Sum[j](r**2)", "j"),
    "shifted index": (VECTOR, "Sum[j]((x[j+1] - x[j])**2)", "cannot index"),
    "number as index": (VECTOR, "x[0]**2", "0 cannot index"),
    "real number as index": ('x: Real["C"], a: Real', "x[a]", "a cannot index"),
    "too many indices": (VECTOR, "Sum[j](x[j, j])", "2 indices.*axes C"),
    "string as index": (VECTOR, "x['j']", "index is wanted"),
    "slice": (VECTOR, "x[0:2]", "index is wanted"),
    "tensor as index": (VECTOR, "x[x]", "index is wanted"),
    "index of a scalar": ("a: Real", "Sum[j](a[j])", "a"),
    # defaults
    "default outside": ("a: Real, *, delta: Positive = 0", "delta*a", "'delta'.*0 is not a number > 0"),
    "default NaN": ("a: Real, *, delta: Real = float('nan')", "delta*a", "'delta'.*nan"),
    "default infinite": ("a: Real, *, delta: Real = float('inf')", "delta*a", "'delta'.*inf"),
    "default a string": ("a: Real, *, delta: Real = '1'", "delta*a", "'delta'.*must be a number"),
    "default None": ("a: Real, *, delta: Real = None", "delta*a", "'delta'.*must be a number"),
    "default a list": ("a: Real, *, delta: Real = [1, 2]", "delta*a", "'delta'.*must be a number"),
    "default a bool": ("a: Real, *, delta: Real = True", "delta*a", "'delta'.*must be a number"),
    "default not whole": ("a: Real, *, delta: Integer = 1.5", "delta*a", "'delta'.*whole"),
    "default outside an interval": (
        "a: Real, *, level: Interval(0, 1, open=True) = 1",
        "level*a",
        "'level'.*1 is not",
    ),
    "distribution as hyper-parameter": (
        'x: Real["C"], *, w: Simplex["C"] = 0.5',
        "Sum[j](w[j]*x[j])",
        "'w'.*distribution",
    ),
    # names
    "C keyword": ("double: Real", "double**2", "'double'.*keyword"),
    "C++ keyword": ("thread_local: Real", "thread_local**2", "'thread_local'.*keyword"),
    "soft keyword": ("match: Real", "match**2", "'match'.*keyword"),
    "reserved": ("n: Real", "n**2", "'n'.*generated code"),
    "function of C": ("exp: Real", "exp**2", "'exp'.*generated code"),
    "type of C": ("size_t: Real", "size_t**2", "'size_t'"),
    "macro of C": ("SIZE_MAX: Real", "SIZE_MAX**2", "'SIZE_MAX'.*macro"),
    "macro of C's mathematics": ("a: Real, *, M_PI: Real = 3", "M_PI*a", "'M_PI'.*macro"),
    "macro of compilers": ("a: Real", "r = named('linux', a**2); r*a", "'linux'.*macro"),
    "constant of generated code": ("SYMLOSS_OK: Real", "SYMLOSS_OK**2", "'SYMLOSS_OK'.*macro"),
    "keyword argument of a kernel": ("check: Real", "check**2", "'check'"),
    "keyword argument of generated code": ("dtype: Real", "dtype**2", "'dtype'"),
    "index name": ("j: Real", "j**2", "'j'.*index"),
    "not ASCII": ("é: Real", "é**2", "'é'.*ASCII"),
    "leading underscore": ("_a: Real", "_a**2", "'_a'.*letter first"),
    "double underscore": ("a__b: Real", "a__b**2", "'a__b'.*underscore"),
    "final underscore": ("a_: Real", "a_**2", "'a_'.*underscore"),
    "weight as tensor": ("weight: Real", "weight**2", "'weight'.*toolkit"),
    "weight as hyper-parameter": ("a: Real, *, weight: Real = 1", "weight*a", "'weight'"),
    "axis named as an argument": ('C: Real["C"]', "Sum[j](C[j])", r"'?C'?.*(axis|name)"),
    "axis named as a hyper-parameter": (
        'x: Real["a"], *, a: Real = 1',
        "a*Sum[j](x[j])",
        "'?a'?.*(axis|name)",
    ),
    "axis a keyword of Python": ('x: Real["for"]', "Sum[j](x[j])", "for"),
    "axis a keyword of C": ('x: Real["double"]', "Sum[j](x[j])", "double"),
    "axis reserved": ('x: Real["n"]', "Sum[j](x[j])", "n"),
    "axis reserved as an output": ('x: Real["value"]', "Sum[j](x[j])", "value"),
    "axis not ASCII": ('x: Real["é"]', "Sum[j](x[j])", "é"),
    "axis with two underscores": ('x: Real["__x"]', "Sum[j](x[j])", "__x"),
    "named as an argument": ("a: Real", "a = named('a', a**2); a", "'a' is used twice"),
    "named twice": ("a: Real", "r = named('r', a**2); r = named('r', a**3); r*a", "'r' is used twice"),
    "named as an axis": (VECTOR, "r = named('C', Sum[j](x[j]**2)); r**2", "'?C'?"),
    "named by a keyword": ("a: Real", "r = named('for', a**2); r*a", "'for'.*keyword"),
    "named by an index": ("a: Real", "r = named('j', a**2); r*a", "'j'.*index"),
    "named by a number": ("a: Real", "r = named(3, a**2); r*a", "3 cannot name"),
    "ignore_index that is not declared": (
        'x: Real["C"], t: ClassIndex["C"].or_value_of("nope")',
        "-log_softmax(x)[t]",
        "nope",
    ),
    # not real
    "log of a real number": (TWO, "log(prediction)", "not real.*prediction = -.*Positive"),
    "root of a negative number": ("a: Real, b: Positive", "a + sqrt(-b)", "not a real|not real"),
    "root of minus one": ("a: Real", "sqrt(-1)*a", "not a real"),
    "imaginary unit": ("a: Real", "sympy.I*a", "not a real"),
    "complex number": ("a: Real", "1j*a", "not a real"),
    "NaN": ("a: Real", "sympy.nan*a", "not a real"),
    "NaN of Python": ("a: Real", "float('nan')*a", "not a real"),
    "nothing but NaN": ("a: Real", "float('nan')", "nan"),
    "complex infinity": ("a: Real", "sympy.zoo*a", "not a real"),
    "division by zero": (TWO, "prediction/(target - target)", "not a real"),
    "real power of a real number": (TWO, "prediction**target", "not real"),
    "arcus sine of a real number": ("a: Real", "sympy.asin(a)", "not real"),
    "default that no float holds": ("a: Real, *, c: Real = 10**400", "c*a", "'c'.*finite, also as a float64"),
    "symbol of its own that is called like an argument": (
        "a: Real",
        "sympy.Symbol('a')**2",
        "symbol a is another than the argument a",
    ),
    "function of NumPy": ("a: Real", "np.exp(a)", "NumPy's functions take numbers; write those of symloss"),
    "function of math": ("a: Real", "math.exp(a)", "functions of math take numbers; write those of symloss"),
    # no scalar
    "tensor": (VECTOR, "x", r"x is a tensor.*x\[j\].*Sum\[j\]"),
    "named tensor": (VECTOR, "r = named('r', 2*x[j], j); r", r"r is a tensor.*r\[j\]"),
    "comparison": (SCALARS, "a > b", "must be one number"),
    "bool": ("a: Real", "True", "must be one number, not bool"),
    "nothing": ("a: Real", "None", "returns nothing"),
    "tuple": (SCALARS, "a**2, b", "must be one number, not tuple"),
    "list": ("a: Real", "[a**2]", "must be one number, not list"),
    "string": ("a: Real", "'a**2'", "must be one number, not str"),
    "matrix": ("a: Real", "sympy.Matrix([a])", "must be one number"),
    "softmax without a place": (VECTOR, "softmax(x)", "must be one number|softmax"),
    "no tensor in it": (SCALARS, "3", "no tensor"),
    "only a hyper-parameter in it": ("a: Real, *, c: Real = 1", "c**2", "no tensor"),
    # signatures
    "no annotation": ("a", "a**2", "'a' has no domain.*a: Real"),
    "a type as annotation": ("a: float", "a**2", "'a'.*float.*no domain"),
    "misspelt annotation": ("a: 'Rael'", "a**2", "annotation.*Rael"),
    "bare ClassIndex": ("a: Real, t: ClassIndex", "a**2", r"'t'.*ClassIndex\[\"C\"\]"),
    "bare Simplex": ("a: Real, t: Simplex", "a**2", r"'t'.*Simplex\[\"C\"\]"),
    "*args": ("a: Real, *more: Real", "a**2", "'more'.*args"),
    "**kwargs": ("a: Real, **more: Real", "a**2", "'more'.*kwargs"),
    "default of a tensor": ("a: Real = 1", "a**2", r"'a' has a default.*\*"),
    "hyper-parameter without default": ("a: Real, *, c: Real", "c*a", "'c'.*default"),
    "only hyper-parameters": ("*, c: Real = 1", "c**2", "no tensor"),
    "no arguments": ("", "1", "no tensor"),
    # functions
    "unknown function": ("a: Real", "sympy.zeta(a)", "zeta.*not supported"),
    "undefined function": ("a: Real", "sympy.Function('f')(a)", "f.*not supported"),
    "Heaviside": ("a: Real", "sympy.Heaviside(a)", "Heaviside.*not supported"),
    "remainder": ("a: Real", "a % 2", "Mod.*not supported"),
    "SymPy's Sum": (VECTOR, "sympy.Sum(x[j], (j, 0, 3))", r"Sum\[j\].*SymPy's Sum"),
    "SymPy's Product": (VECTOR, "sympy.Product(x[j], (j, 0, 3))", "SymPy's Product"),
    "Derivative": ("a: Real", "sympy.Derivative(a**2, a)", "Derivative"),
    "Integral": ("a: Real", "sympy.Integral(a**2, a)", "Integral"),
    "exclusive or": ("a: Real", "Piecewise((a**2, (a > 0) ^ (a < 1)), (0, True))", "Xor|condition"),
    # cases
    "no last case": (SCALARS, "Piecewise((a, a > b), (b, a <= b))", "last condition must be True"),
    "no case": (SCALARS, "Piecewise()", "last condition must be True"),
    "no pairs": (SCALARS, "Piecewise(a, b)", "pairs"),
    "case of a tensor": ('a: Real, x: Real["C"]', "Piecewise((x, a > 0), (0, True))", "x is a tensor"),
    "condition on a tensor": (
        'a: Real, x: Real["C"]',
        "Piecewise((a**2, x > 0), (0, True))",
        "x is a tensor",
    ),
    "a number as condition": (SCALARS, "Piecewise((a**2, b), (b, True))", "condition"),
    "Python's == as condition": ("a: Real, t: Binary", "Piecewise((a**2, t == 1), (2*a, True))", r"Eq\("),
    "SymPy's Piecewise without a last case": (SCALARS, "sympy.Piecewise((a, a > b))", "not a real|last"),
    # words without an index, arithmetic with tensors
    "Sum without index": (VECTOR, "Sum(x[j])", r"Sum\[j\]"),
    "Mean without index": (VECTOR, "Mean(x[j])", r"Mean\[j\]"),
    "norm without index": (VECTOR, "norm(x)", r"norm\[j\]"),
    "Sum over a string": (VECTOR, "Sum['j'](x[j])", "index is wanted"),
    "Sum of a tensor": (VECTOR, "Sum[j](x)", "x is a tensor"),
    "Sum of None": (VECTOR, "Sum[j](None)", "NoneType"),
    "Sum of a comparison": (VECTOR, "Sum[j](x[j] > 0)", "takes an expression"),
    "Sum without its expression": (VECTOR, "Sum[j]", "one number"),
    "Sum of a softmax": (VECTOR, "Sum[j](softmax(x))", "softmax|takes an expression"),
    "log of a softmax": (VECTOR, "log(softmax(x))", "softmax"),
    "softmax of a number": ("a: Real", "softmax(a)[j]", "tensor with one axis"),
    "softmax of a matrix": ('x: Real["C", "D"]', "softmax(x)[j]", "tensor with one axis"),
    "tensor plus number": (VECTOR, "Sum[j](x + 1)", r"x is a tensor.*x\[j\]"),
    "number minus tensor": (VECTOR, "Sum[j](1 - x)", "x is a tensor"),
    "number times tensor": ('a: Real, x: Real["C"]', "a*x", "x is a tensor"),
    "number through tensor": ('a: Real, x: Real["C"]', "a/x", "x is a tensor"),
    "power of a tensor": (VECTOR, "Sum[j](x**2)", "x is a tensor"),
    "minus a tensor": (VECTOR, "Sum[j](-x)", "x is a tensor"),
    "plus a tensor": (VECTOR, "Sum[j](+x)", "x is a tensor"),
    "matrix product": (VECTOR, "x @ x", "x is a tensor"),
    "exp of a tensor": (VECTOR, "exp(x)", "x is a tensor"),
    "abs of a tensor": (VECTOR, "abs(x)", "x is a tensor"),
    "xlogy of tensors": (VECTOR, "xlogy(x, x)", "x is a tensor"),
    "Max of a tensor": (VECTOR, "Max(x, 0)", "x is a tensor"),
    "Min of a tensor": (VECTOR, "Min(x, 0)", "x is a tensor"),
    "loop over a tensor": (VECTOR, "sum(v for v in x)", "x is a tensor"),
    "named tensor without index": (VECTOR, "r = named('r', x); Sum[j](r[j])", "x is a tensor"),
    "named nothing": ("a: Real", "r = named('r', None); a**2", "NoneType"),
    "named tuple": ("a: Real", "r = named('r', (a, a)); a**2", "tuple"),
    "named over an index of nothing": ("a: Real", "r = named('r', a**2, j); a**2", "j indexes nothing"),
    # means
    "mean relative to nothing": ("a: Real", "normalized(a**2, by=0)", "normalized|by"),
    "mean relative to a tensor": ('a: Real, x: Real["C"]', "normalized(a**2, by=x)", "x is a tensor"),
    "mean relative to what is differentiated by": (
        "a: Real",
        "normalized(a**2, by=1 + a**2)",
        "normalized|by",
    ),
    "infinite": ("a: Real", "oo*a", "infinite|real|oo"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_declaration_is_refused(case):
    signature, body, says = REFUSED[case]
    with pytest.raises(DeclarationError) as refusal:
        declare(signature, body)
    message = str(refusal.value)
    assert message.startswith("bad"), message
    assert re.search(says, message, re.DOTALL), message
    assert "object at 0x" not in message, message


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"task": "regresion"}, "regresion.*regression"),
        ({"task": None}, "task None"),
        ({"over": "bach"}, 'over="batch"'),
        ({"kink": "two"}, "zero.*one"),
        ({"wrt": "b"}, "no tensor 'b'.*it has a"),
        ({"wrt": "t"}, "'t' is 0 or 1"),
        ({"wrt": "c"}, "no tensor 'c'"),
        ({"wrt": ()}, "wrt|differentiate"),
        ({"wrt": ("a", "a")}, "'a'.*twice|wrt"),
        ({"wrt": 3}, "wrt|differentiate"),
        ({"kinks": 3}, "kinks=3.*sentence"),
    ],
)
def test_wrong_option_is_refused(options, says):
    with pytest.raises(DeclarationError) as refusal:
        declare("a: Real, t: Binary, *, c: Real = 1", "c*t*a**2", **options)
    assert re.match(f"bad.*({says})", str(refusal.value))


def test_mean_over_examples_has_no_place_in_a_loss_over_the_batch():
    with pytest.raises(DeclarationError, match=r"bad: normalized"):
        declare(VECTOR, "normalized(Sum[j](x[j]**2), by=2)", over="batch")


@pytest.mark.parametrize("name", ["double", "for_", "_hidden", "exp", "None", "é", "a__b"])
def test_name_of_a_loss(name):
    def square(a: Real):
        return a**2

    square.__name__ = name
    with pytest.raises(DeclarationError, match=f"'{name}' cannot name a loss"):
        loss(square)


def test_lambda_is_refused():
    with pytest.raises(DeclarationError, match=r"'<lambda>' cannot name a loss"):
        loss(lambda a: a**2)


@pytest.mark.parametrize("thing", ["regression", 3, None.__class__])
def test_only_a_function_is_declared(thing):
    with pytest.raises(DeclarationError):
        loss(thing)


@pytest.mark.parametrize("axis", ["'a b'", "3", "'3'", "None"])
def test_axis_is_named_by_an_identifier(axis):
    with pytest.raises((DeclarationError, TypeError), match="axis"):
        declare(f"x: Real[{axis}]", "Sum[j](x[j])")


def test_named_outside_a_declaration():
    with pytest.raises(DeclarationError, match=r"named\('r', …\).*@loss"):
        named("r", sympy.Symbol("a"))


def test_own_exception_of_a_body_comes_through():
    def broken(a: Real):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        loss(broken)
    with pytest.raises(DeclarationError, match="belongs inside"):  # and the declaration is closed
        named("r", sympy.Symbol("a"))


def test_comparison_in_python_says_what_to_write_instead():
    with pytest.raises(DeclarationError, match=r"bad.*Piecewise"):
        declare(SCALARS, "a if a > b else b")


@pytest.mark.parametrize("name", [3, "", "1", "a b", None])
def test_index_is_named_by_an_identifier(name):
    with pytest.raises(DeclarationError, match="index"):
        index(name)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("lam", NonNegative, -1), "'lam'.*-1 is not a number ≥ 0"),
        (("for", NonNegative, 1), "'for'.*keyword"),
        (("j", NonNegative, 1), "'j'.*index"),
        (("weight", NonNegative, 1), "'weight'"),
        (("lam", 3, 1), "'lam'.*domain"),
        (("lam", Real["C"], 1), "'lam'.*domain"),
        ((3, Real, 1), "3 cannot name"),
    ],
)
def test_wrong_parameter_of_a_composition(arguments, says):
    with pytest.raises(DeclarationError, match=says):
        parameter(*arguments)


# --- unusual, and right -------------------------------------------------------------------------------------


def test_annotations_as_strings():
    space = dict(WORDS)
    text = """
        from __future__ import annotations
        @loss(task="regression")
        def squares(x: Real["C"], y: Simplex["C"], *, c: Interval(0, 1) = 0.5):
            return c * Sum[j](y[j] * x[j]**2)
    """
    exec(textwrap.dedent(text), space)
    declared = space["squares"]
    assert [str(argument.type) for argument in declared.inputs] == ['Real["C"]', 'Simplex["C"]']
    assert value(declared, {"x": [3, 4], "y": [1, 1], "c": 2}, C=2) == 50


def test_nested_declarations_keep_their_intermediates_apart():
    @loss
    def outer(a: Real):
        r = named("r", a + 1)

        @loss
        def inner(b: Real):
            return named("r", b + 2) ** 2

        assert set(inner.definitions) == {"r"}
        assert value(inner, {"b": 3}) == 25
        return named("q_1", r**2) + r

    assert set(outer.definitions) == {"r", "q_1"}
    assert value(outer, {"a": 1}) == 6


def test_one_variable_alone_is_a_formula():
    declared = declare("score: Real", "score", name="critic")
    assert value(declared, {"score": mpmath.mpf("2.5")}) == mpmath.mpf("2.5")
    assert declared.gradient() == 1


def test_a_variable_can_be_given_another_name():
    declared = declare("a: Real", "r = named('r', a); r**2", name="square")
    assert value(declared, {"a": 3}) == 9
    assert close(declared.expand(declared.gradient()).subs(declared.argument("a").symbol, 3), 6)


def test_what_a_declaration_keeps():
    @loss(task="regression", cite="Somebody 1900", metrics=("m",), kinks="None.")
    def scaled(prediction: Real, target: Real, *, delta: Positive = 0.1):
        """First line.

        More.
        """
        return delta * (prediction - target) ** 2

    assert (scaled.name, scaled.kind, scaled.task) == ("scaled", "elementwise", "regression")
    assert (scaled.summary, scaled.cite, scaled.metrics) == ("First line.", ("Somebody 1900",), ("m",))
    assert scaled.kinks == "None."
    assert scaled.differentiated == ("prediction",)
    assert scaled.argument("delta").default == 0.1
    assert str(scaled) == "scaled(prediction: Real, target: Real, *, delta: Positive = 0.1)"
    with pytest.raises(KeyError, match="prediction, target, delta"):
        scaled.argument("nope")


def test_first_differentiable_tensor_in_the_formula_is_the_default():
    declared = declare("t: Binary, unused: Real, a: Real", "t*a**2", name="other_one")
    assert declared.differentiated == ("a",)


@pytest.mark.parametrize("function", sorted(SUPPORTED_FUNCTIONS, key=lambda f: f.__name__))
def test_supported_function_has_a_derivative_that_is_checked(function):
    """What a declaration may use, the derivation must know."""

    def one(a: Interval(0.1, 0.9)):
        return 2 * function(a + 1 if function is sympy.acosh else a)

    try:
        declared = loss(one)
    except DeclarationError:
        assert function not in {exp, log, Abs, sympy.sinh, sympy.cosh, sympy.tanh}, "it must be supported"
        pytest.fail(f"{function.__name__} is listed as supported, and refused")
    declared.derivation().check()


# --- the language -------------------------------------------------------------------------------------------


def test_elementwise_numbers_become_exact():
    declared = declare("a: Real", "0.1*a + 0.3*a**2 + 1e-7", name="exact")
    a = declared.argument("a").symbol
    tenth, three_tenths = sympy.Rational(1, 10), sympy.Rational(3, 10)
    assert declared.expression == tenth * a + three_tenths * a**2 + sympy.Rational(1, 10**7)
    assert not declared.expression.atoms(sympy.Float)


def test_floats_inside_cases_and_names_become_exact():
    declared = declare(
        "a: Real", "r = named('r', 0.1*a); Piecewise((0.2*r, r > 0.3), (0.5, True))", name="exact"
    )
    assert not declared.expression.atoms(sympy.Float)
    assert not declared.definitions["r"].expr.atoms(sympy.Float)
    assert declared.definitions["r"].expr == declared.argument("a").symbol / 10


def test_axis_reductions():
    x = [mpmath.mpf(v) for v in (3, -1, 2)]
    values = {"x": x}
    check = {
        "Sum[j](x[j]**2)": mpmath.mpf(14),
        "Mean[j](x[j]**2)": FOURTEEN_THIRDS,
        "Sum[j](x[j]**2)/size('C')": FOURTEEN_THIRDS,
        "Max[j](x[j])": mpmath.mpf(3),
        "Max[j](-x[j])": mpmath.mpf(1),
        "logsumexp[j](x[j])": None,
        "norm[j](x[j])": None,
        "Sum[j](x[j]*Sum[j](x[j]))": mpmath.mpf(16),
        "x[argmax[j](-x[j])]": mpmath.mpf(-1),
        "Max[j](x[j])*Sum[l](x[l])": mpmath.mpf(12),
    }
    with mpmath.workdps(45):
        check["logsumexp[j](x[j])"] = mpmath.log(mpmath.e**3 + mpmath.exp(-1) + mpmath.e**2)
        check["norm[j](x[j])"] = mpmath.sqrt(14)
        for text, expected in check.items():
            assert close(value(declare(VECTOR, text, name="reduced"), values, C=3), expected, 38), text


def test_binders_that_the_words_make():
    @loss
    def words(x: Real["C"]):
        return (
            symloss.declare.logsumexp[j](x[j])
            + norm[j](x[j])
            + Max[j](x[j])
            + x[symloss.declare.argmax[j](x[j])]
        )

    assert {type(b) for b in words.expression.atoms(LogSumExp, Norm, AxisMax, ArgMax)} == {
        LogSumExp,
        Norm,
        AxisMax,
        ArgMax,
    }


def test_several_axes():
    declared = declare('x: Real["N", "D"], y: Real["D"]', "Sum[i, j](x[i, j]*y[j])", name="double_sum")
    values = {"x": [[1, 2, 3], [4, 5, 6]], "y": [1, 10, 100]}
    assert value(declared, values, N=2, D=3) == 321 + 654
    assert declared.axes == ("N", "D")
    assert declared.kind == "axis"


def test_gather_by_class_index():
    declared = declare('x: Real["C", "P"], t: ClassIndex["C"]["P"]', "Mean[j](x[t[j], j])", name="gathered")
    values = {"x": [[1, 2, 3], [10, 20, 30]], "t": [1, 0, 1]}
    assert value(declared, values, C=2, P=3) == 14


def test_softmax_of_an_expression_at_a_place():
    @loss
    def row(x: Real["C"], t: ClassIndex["C"], *, s: Positive = 1):
        return softmax[j](x[j] / s)[t]

    with mpmath.workdps(45):
        e = [mpmath.exp(mpmath.mpf(v) / 2) for v in (1, 2, 5)]
        assert close(value(row, {"x": [1, 2, 5], "t": 2, "s": 2}, C=3), e[2] / sum(e), 38)


def test_over_the_batch():
    @loss(over="batch")
    def spread(x: Real["N"]):
        m = named("m_1", Mean[j](x[j]))
        return Mean[j]((x[j] - m) ** 2)

    assert spread.kind == "batch"
    assert spread.example == 0
    assert not spread.inputs[0].per_example
    assert close(value(spread, {"x": [1, 2, 6]}, N=3), FOURTEEN_THIRDS)


def test_named_tensor_with_indices():
    @loss(over="batch")
    def pairs(a: Real["N", "D"], b: Real["M", "D"]):
        s = named("s", Sum[d](a[i, d] * b[j, d]), i, j)
        return Sum[i, j](s[i, j] ** 2)

    definition = pairs.definitions["s"]
    assert [str(size) for size in definition.symbol.shape] == ["N", "M"]
    values = {"a": [[1, 2], [3, 4], [5, 6]], "b": [[1, 0], [0, 2]]}
    assert value(pairs, values, N=3, M=2, D=2) == 1 + 16 + 9 + 64 + 25 + 144


def test_named_keeps_what_is_known_of_its_sign():
    declared = declare(
        "a: Real, b: Real", "p = named('p', exp(a)); r = named('r', b**2); p*log(p)*r", name="signs"
    )
    assert declared.definitions["p"].symbol.is_positive
    assert declared.definitions["r"].symbol.is_nonnegative


@pytest.mark.parametrize(("kink", "at_tie"), [("zero", 0), ("one", 1)])
def test_kink_of_a_maximum_with_a_constant(kink, at_tie):
    declared = declare("a: Real", "2*Max(0, a)", name="ramp", kink=kink)
    gradient = declared.gradient()
    for point, expected in ((-1, 0), (0, 2 * at_tie), (1, 2)):
        assert evaluate(gradient, Environment({"a": point})) == expected


@pytest.mark.parametrize("body", ["Max(a, b)", "Max(b, a)", "sympy.Max(a, b)", "-Min(-a, -b)"])
def test_tie_of_two_variables_is_halved(body):
    declared = declare(SCALARS, body, name="larger")
    assert declared.expression.atoms(maximum)
    for a, b, expected in ((2, 1, 1), (1, 2, 0), (1, 1, mpmath.mpf("0.5"))):
        assert value(declared, {"a": a, "b": b}) == max(a, b)
        assert evaluate(declared.gradient("a"), Environment({"a": a, "b": b})) == expected


def test_min_and_max_of_three():
    declared = declare("a: Real, b: Real, c: Real", "Max(a, b, c) - Min(a, b, c)", name="span")
    for a, b, c in ((1, 2, 3), (3, 1, 2), (2, 3, 1), (1, 1, 1)):
        assert value(declared, {"a": a, "b": b, "c": c}) == max(a, b, c) - min(a, b, c)
    assert not declared.expression.atoms(sympy.Max, sympy.Min)


def test_cases_in_order():
    declared = declare("a: Real", "Piecewise((1, a > 2), (a, a > 1), (a**2, True))", name="cases")
    assert isinstance(declared.expression, Cases)
    for a, expected in ((3, 1), (2, 2), (mpmath.mpf("1.5"), mpmath.mpf("1.5")), (1, 1), (-2, 4)):
        assert value(declared, {"a": a}) == expected


def test_cases_keep_a_condition_on_the_bound_index():
    @loss
    def others(x: Real["C"], t: ClassIndex["C"]):
        return Sum[j](Piecewise((x[j], symloss.declare.Ne(j, t)), (0, True)))

    assert value(others, {"x": [1, 10, 100], "t": 1}, C=3) == 101


# --- 0·log 0 ------------------------------------------------------------------------------------------------

XLOGY = {
    "p: Probability, t: Probability | t*log(p)": {"t": 0, "p": 0},
    "p: Probability, t: Binary | -(t*log(p) + (1 - t)*log(1 - p))": {"t": 0, "p": 0},
    "p: Probability, t: Binary | -(t*log(p) + (1 - t)*log(1 - p)) ": {"t": 1, "p": 1},
    "p: NonNegative, t: NonNegative, *, c: NonNegative = 2 | c*t*log(p)": {"t": 3, "p": 0, "c": 0},
    "p: Probability | p*log(p)": {"p": 0},
    "p: Probability | -p*log(p) - (1 - p)*log(1 - p)": {"p": 1},
    "p: NonNegative, r: Positive | p*log(p/r)": {"p": 0, "r": 1},
    "p: Probability, t: Binary | u = named('u', log(p)); t*u": {"t": 0, "p": 0},
}


@pytest.mark.parametrize("case", XLOGY)
def test_zero_times_log_zero_is_zero(case):
    signature, body = case.split("|")
    declared = declare(signature.strip(), body.strip(), name="entropy")
    assert value(declared, XLOGY[case]) == 0


@pytest.mark.parametrize(
    ("signature", "body"),
    [
        ("x: Real, p: Positive", "x*log(p)"),  # the logarithm is finite
        ("p: NonNegative, *, c: Positive = 2", "c*log(1 + p)"),  # likewise
        ("p: Probability, *, c: Positive = 2", "-c*log(p)"),  # the factor is never 0
        ("p: Probability, y: Sign", "-y*log(p)"),
        ("p: Probability", "-log(p)"),
        ("x: Real, t: Binary", "t*log(sigmoid(x))"),
        ("x: Real, t: Binary", "p = named('p', sigmoid(x)); (1 - t)*log(1 - p)"),
    ],
)
def test_a_logarithm_that_needs_no_convention_stays(signature, body):
    declared = declare(signature, body, name="plain")
    assert not declared.expression.atoms(xlogy)


def test_log_zero_that_counts_stays_infinite():
    declared = declare("p: Probability, t: Probability", "-t*log(p)", name="surprise")
    assert value(declared, {"t": mpmath.mpf("0.5"), "p": 0}) == mpmath.inf
    assert evaluate(declared.gradient(), Environment({"t": 0, "p": 0})) == 0
    assert declared.gradient().atoms(ratio)


def test_a_mean_relative_to_one_variable():
    declared = declare("a: Real, w: Positive", "normalized(w*a**2, by=w)", name="weighted")
    assert declared.normalizer == declared.argument("w").symbol
    declared.derivation(reduction="mean").check()


def test_a_name_that_generated_code_gives_to_an_output_is_refused():
    def bad(x: Real, gradient_x: Real):
        return x * gradient_x

    with pytest.raises(DeclarationError, match=r"bad.*gradient_x"):
        loss(bad)


def test_distributions_are_summed_along_their_own_axis_only():
    """The diagonal of a matrix of softmaxes, or of distributions, does not sum to one."""
    i, j = index("i"), index("j")

    @loss(over="batch")
    def diagonal(x: Real["N", "N"]):
        return Sum[i](softmax[j](x[i, j])[i]) ** 2

    @loss(over="batch")
    def trace(x: Real["N"], y: Simplex["N", "N"]):
        return Sum[i](x[i]) ** 2 * Sum[i](y[i, i])

    for declared in (diagonal, trace):
        assert all(declared.derivation().check())
        assert not any(step.rule == "declared fact" for step in declared.derivation())
