"""What is compared for speed: each library's way to a mean loss and its gradient, ready to be called over and over.

Each lives in a process of its own, by ``process``, so that one library's threads and settings are not another's.
"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import compiled
import numpy as np
from cases import Case

import symloss

__all__ = ["CONTENDERS", "Contender", "Ready", "Unavailable", "in_a_line"]

Arrays = tuple[np.ndarray, np.ndarray]


class Unavailable(Exception):
    """A contender does not have a loss, or cannot run here; the message says why."""


class Ready(Protocol):
    """A contender with one case."""

    def seconds(self, calls: int) -> float:
        """How long so many calls take."""

    def result(self) -> tuple[float, np.ndarray] | None:
        """Value and gradient of the mean, where it computes a loss."""


@dataclass
class Called:
    """A Python function, timed from Python; ``read`` makes numbers of what it returns."""

    function: Callable[[], Any]
    read: Callable[[Any], tuple[float, Any]]

    def seconds(self, calls: int) -> float:
        """How long so many calls take."""
        function, start = self.function, time.perf_counter()
        for _ in range(calls):
            function()
        return time.perf_counter() - start

    def result(self) -> tuple[float, np.ndarray]:
        """Value and gradient of the mean."""
        value, gradient = self.read(self.function())
        return float(value), np.asarray(gradient)


@dataclass
class Limit:
    """Work that computes no loss."""

    calls: compiled.TimedCalls

    def seconds(self, calls: int) -> float:
        """How long so many calls take."""
        return self.calls.seconds(calls)

    def result(self) -> None:
        """There is none."""


@dataclass(frozen=True)
class Contender:
    """One way to compute. ``threaded`` ones are measured with each number of threads, the others with one."""

    name: str
    process: str
    prepare: Callable[[Case, Arrays, int], Ready]
    threaded: bool = True
    distribution: str | None = None

    @property
    def version(self) -> str | None:
        """The version that is installed; None where there is none."""
        try:
            return importlib.metadata.version(self.distribution or "symloss")
        except importlib.metadata.PackageNotFoundError:
            return None


def in_a_line(error: Exception) -> str:
    """What an exception says first."""
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"


def _of(table: dict[str, Any], case: Case) -> Any:
    if case.loss not in table:
        raise Unavailable("it does not have this loss")
    return table[case.loss]


# --- symloss and C ----------------------------------------------------------------------------------------


def _kernel(backend: str) -> Callable[[Case, Arrays, int], Ready]:
    def prepare(case: Case, arrays: Arrays, _: int) -> Ready:
        kernel = symloss.get(case.loss).load(backend)
        return Called(lambda: kernel.value_and_gradient(*arrays), lambda both: both)

    return prepare


def _by_hand(case: Case, arrays: Arrays, _: int) -> Ready:
    return compiled.by_hand(case, arrays)


def _generated(case: Case, arrays: Arrays, _: int) -> Ready:
    return compiled.generated(case, arrays)


def _limit(what: str) -> Callable[[Case, Arrays, int], Ready]:
    def prepare(case: Case, _: Arrays, __: int) -> Ready:
        try:
            return Limit(compiled.limit(what, case))
        except RuntimeError as error:
            raise Unavailable(str(error)) from None

    return prepare


# --- NumPy by hand ----------------------------------------------------------------------------------------


def _numpy_losses() -> dict[str, Callable[[np.ndarray, np.ndarray], tuple[Any, np.ndarray]]]:
    """The losses of each example and their slopes, as a careful person writes them: nothing is computed twice."""

    def squared(x: Any, y: Any) -> tuple[Any, Any]:
        r = x - y
        return r * r, 2 * r

    def absolute(x: Any, y: Any) -> tuple[Any, Any]:
        r = x - y
        return np.abs(r), np.sign(r)

    def huber(x: Any, y: Any) -> tuple[Any, Any]:
        r = x - y
        kept = np.clip(r, -1, 1)
        return kept * (r - kept / 2), kept

    def quantile(x: Any, y: Any) -> tuple[Any, Any]:
        r = y - x
        half = r.dtype.type(0.5)
        return np.abs(r) * half, np.where(r >= 0, -half, half)

    def log_cosh(x: Any, y: Any) -> tuple[Any, Any]:
        r = x - y
        m = np.abs(r)
        return m + np.log1p(np.exp(-2 * m)) - r.dtype.type(np.log(2)), np.tanh(r)

    def hinge(x: Any, y: Any) -> tuple[Any, Any]:
        m = 1 - x * y
        return np.maximum(m, 0), -y * (m >= 0)

    def squared_hinge(x: Any, y: Any) -> tuple[Any, Any]:
        m = np.maximum(1 - x * y, 0)
        return m * m, -2 * y * m

    def poisson(x: Any, y: Any) -> tuple[Any, Any]:
        e = np.exp(x)
        return e - x * y, e - y

    def cross_entropy(x: Any, y: Any) -> tuple[Any, Any]:
        return -(y * np.log(x) + (1 - y) * np.log1p(-x)), (x - y) / (x * (1 - x))

    def with_logits(x: Any, y: Any) -> tuple[Any, Any]:
        e = np.exp(-np.abs(x))
        return np.log1p(e) + np.maximum(x, 0) - x * y, np.where(x >= 0, x.dtype.type(1), e) / (1 + e) - y

    def focal(x: Any, y: Any) -> tuple[Any, Any]:
        real = x.dtype.type
        sign = 2 * y - 1
        z = sign * x
        e = np.exp(-np.abs(z))
        q = np.where(z >= 0, e, real(1)) / (1 + e)
        log_p = np.minimum(z, 0) - np.log1p(e)
        share = np.where(y > 0, real(0.25), real(0.75)) * q * q
        return -share * log_p, sign * share * (2 * (1 - q) * log_p - q)

    def softmax(z: Any, y: Any) -> tuple[Any, Any]:
        z = z - z.max(axis=-1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=-1, keepdims=True)
        e /= total
        e -= y
        return np.log(total[:, 0]) - np.einsum("ij,ij->i", y, z), e

    def by_index(z: Any, y: Any) -> tuple[Any, Any]:
        rows = np.arange(len(y))
        z = z - z.max(axis=-1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=-1, keepdims=True)
        e /= total
        e[rows, y] -= 1
        return np.log(total[:, 0]) - z[rows, y], e

    return {
        "mean_squared_error": squared,
        "mean_absolute_error": absolute,
        "huber": huber,
        "quantile": quantile,
        "log_cosh": log_cosh,
        "hinge": hinge,
        "squared_hinge": squared_hinge,
        "poisson_negative_log_likelihood": poisson,
        "binary_cross_entropy": cross_entropy,
        "binary_cross_entropy_with_logits": with_logits,
        "focal_with_logits": focal,
        "softmax_cross_entropy": softmax,
        "softmax_cross_entropy_with_class_index": by_index,
    }


def _numpy(case: Case, arrays: Arrays, _: int) -> Ready:
    loss = _of(_numpy_losses(), case)
    scale = arrays[0].dtype.type(1 / case.examples)

    def run() -> tuple[Any, np.ndarray]:
        losses, slopes = loss(*arrays)
        slopes *= scale
        return losses.mean(), slopes

    return Called(run, lambda both: both)


# --- PyTorch ----------------------------------------------------------------------------------------------


def _torch_losses() -> dict[str, Callable[[Any, Any], Any]]:
    import torch
    from torch.nn import functional

    def focal(z: Any, y: Any) -> Any:
        """The formula of torchvision.ops.sigmoid_focal_loss."""
        probability = torch.sigmoid(z)
        missed = 1 - (probability * y + (1 - probability) * (1 - y))
        share = 0.25 * y + 0.75 * (1 - y)
        return (
            share * functional.binary_cross_entropy_with_logits(z, y, reduction="none") * missed**2
        ).mean()

    def quantile(x: Any, y: Any) -> Any:
        r = y - x
        return torch.where(r >= 0, 0.5 * r, -0.5 * r).mean()

    def log_cosh(x: Any, y: Any) -> Any:
        r = x - y
        return (r + functional.softplus(-2 * r) - 0.6931471805599453).mean()

    return {
        "mean_squared_error": functional.mse_loss,
        "mean_absolute_error": functional.l1_loss,
        "huber": functional.huber_loss,
        "quantile": quantile,
        "log_cosh": log_cosh,
        "hinge": lambda x, y: torch.relu(1 - x * y).mean(),
        "squared_hinge": lambda x, y: torch.relu(1 - x * y).square().mean(),
        "poisson_negative_log_likelihood": functional.poisson_nll_loss,
        "binary_cross_entropy": functional.binary_cross_entropy,
        "binary_cross_entropy_with_logits": functional.binary_cross_entropy_with_logits,
        "focal_with_logits": focal,
        "softmax_cross_entropy": functional.cross_entropy,
        "softmax_cross_entropy_with_class_index": functional.cross_entropy,
    }


def _torch(case: Case, arrays: Arrays, threads: int) -> Ready:
    import torch

    torch.set_num_threads(threads)
    return _by_backward(_of(_torch_losses(), case), arrays)


def _by_backward(loss: Callable[[Any, Any], Any], arrays: Arrays) -> Called:
    import torch

    at, target = torch.tensor(arrays[0], requires_grad=True), torch.tensor(arrays[1])

    def run() -> tuple[Any, Any]:
        at.grad = None
        value = loss(at, target)
        value.backward()
        return value.detach(), at.grad

    return Called(run, lambda both: both)


def _torch_compile(case: Case, arrays: Arrays, threads: int) -> Ready:
    """Two ways to compile a loss with its gradient; which one is faster depends on the loss and the size."""
    import torch

    torch.set_num_threads(threads)
    torch._dynamo.reset()
    loss = _of(_torch_losses(), case)
    tensors = tuple(torch.tensor(a) for a in arrays)
    both = torch.compile(torch.func.grad_and_value(loss), dynamic=False)
    ways = [
        lambda: _by_backward(torch.compile(loss, dynamic=False), arrays),
        lambda: Called(lambda: both(*tensors), lambda pair: (pair[1], pair[0])),
    ]
    ready, failures = [], []
    for way in ways:
        try:
            made = way()
            made.seconds(2)
            ready.append((made.seconds(max(1, 200_000 // case.elements)), made))
        except Exception as error:  # whatever a compiler says, it is the reason to skip it
            failures.append(in_a_line(error))
    if not ready:
        raise Unavailable("; ".join(dict.fromkeys(failures)))
    return min(ready, key=lambda pair: pair[0])[1]


# --- JAX --------------------------------------------------------------------------------------------------


def _jax_losses() -> dict[str, Callable[[Any, Any], Any]]:
    import jax
    import jax.numpy as jnp

    def huber(x: Any, y: Any) -> Any:
        m = jnp.abs(x - y)
        return jnp.where(m <= 1, m * m / 2, m - 0.5).mean()

    def log_cosh(x: Any, y: Any) -> Any:
        return (jnp.logaddexp(x - y, y - x) - 0.6931471805599453).mean()

    def focal(z: Any, y: Any) -> Any:
        p = jax.nn.sigmoid(z)
        missed = 1 - (p * y + (1 - p) * (1 - y))
        return ((0.25 * y + 0.75 * (1 - y)) * missed**2 * (jnp.logaddexp(0.0, z) - y * z)).mean()

    def by_index(z: Any, y: Any) -> Any:
        return -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=-1).mean()

    def quantile(x: Any, y: Any) -> Any:
        r = y - x
        return jnp.where(r >= 0, 0.5 * r, -0.5 * r).mean()

    return {
        "mean_squared_error": lambda x, y: jnp.square(x - y).mean(),
        "mean_absolute_error": lambda x, y: jnp.abs(x - y).mean(),
        "huber": huber,
        "quantile": quantile,
        "log_cosh": log_cosh,
        "hinge": lambda x, y: jax.nn.relu(1 - x * y).mean(),
        "squared_hinge": lambda x, y: jnp.square(jax.nn.relu(1 - x * y)).mean(),
        "poisson_negative_log_likelihood": lambda x, y: (jnp.exp(x) - x * y).mean(),
        "binary_cross_entropy": lambda p, y: -(y * jnp.log(p) + (1 - y) * jnp.log1p(-p)).mean(),
        "binary_cross_entropy_with_logits": lambda z, y: (jnp.logaddexp(0.0, z) - y * z).mean(),
        "focal_with_logits": focal,
        "softmax_cross_entropy": lambda z, y: -(y * jax.nn.log_softmax(z)).sum(axis=-1).mean(),
        "softmax_cross_entropy_with_class_index": by_index,
    }


def _jax(case: Case, arrays: Arrays, _: int) -> Ready:
    import jax

    jax.config.update("jax_enable_x64", True)
    both = jax.jit(jax.value_and_grad(_of(_jax_losses(), case)))
    prediction, target = (jax.numpy.asarray(a) for a in arrays)
    return Called(lambda: jax.block_until_ready(both(prediction, target)), lambda pair: pair)


# --- scikit-learn and numexpr -----------------------------------------------------------------------------


def _scikit_learn(case: Case, arrays: Arrays, threads: int) -> Ready:
    """It has no mean: the loss of each example is written, and the gradient of that."""
    from sklearn._loss import loss as losses

    made, factor = _of(
        {
            "mean_squared_error": (losses.HalfSquaredError, 2),
            "mean_absolute_error": (losses.AbsoluteError, 1),
            "huber": (lambda: losses.HuberLoss(delta=1.0), 1),
            "quantile": (lambda: losses.PinballLoss(quantile=0.5), 1),
            "poisson_negative_log_likelihood": (losses.HalfPoissonLoss, 1),
            "binary_cross_entropy_with_logits": (losses.HalfBinomialLoss, 1),
            "softmax_cross_entropy_with_class_index": (
                lambda: losses.HalfMultinomialLoss(n_classes=case.classes),
                1,
            ),
        },
        case,
    )
    loss, (prediction, target) = made(), arrays
    target = target.astype(case.dtype)
    values, gradient = np.empty(case.examples, case.dtype), np.empty_like(prediction)

    def run() -> Any:
        return loss.loss_gradient(
            target, prediction, loss_out=values, gradient_out=gradient, n_threads=threads
        )

    return Called(
        run, lambda _: (factor * values.mean(dtype=np.float64), gradient * (factor / case.examples))
    )


_NUMEXPR = {
    "mean_squared_error": ("(x - y) * (x - y)", "2 * scale * (x - y)"),
    "mean_absolute_error": ("abs(x - y)", "where(x > y, scale, where(x < y, -scale, 0 * scale))"),
    "huber": (
        "where(abs(x - y) <= 1, (x - y) * (x - y) * half, abs(x - y) - half)",
        "scale * where(x - y > 1, one, where(x - y < -1, -one, x - y))",
    ),
    "quantile": ("half * abs(x - y)", "where(y >= x, -half * scale, half * scale)"),
    "log_cosh": ("abs(x - y) + log1p(exp(-2 * abs(x - y))) - log_2", "scale * tanh(x - y)"),
    "hinge": ("where(x * y < 1, 1 - x * y, 0 * x)", "where(x * y <= 1, -scale * y, 0 * scale)"),
    "squared_hinge": (
        "where(x * y < 1, (1 - x * y) * (1 - x * y), 0 * x)",
        "where(x * y < 1, -2 * scale * y * (1 - x * y), 0 * scale)",
    ),
    "poisson_negative_log_likelihood": ("exp(x) - x * y", "scale * (exp(x) - y)"),
    "binary_cross_entropy": (
        "-(y * log(x) + (1 - y) * log1p(-x))",
        "scale * (x - y) / (x * (1 - x))",
    ),
    "binary_cross_entropy_with_logits": (
        "log1p(exp(-abs(x))) + where(x > 0, x, 0 * x) - x * y",
        "scale * (1 / (1 + exp(-x)) - y)",
    ),
}
"""The loss and the gradient of the mean; ``scale`` is what the mean divides by, inverted."""


def _numexpr(case: Case, arrays: Arrays, threads: int) -> Ready:
    import numexpr

    value, slope = _of(_NUMEXPR, case)
    numexpr.set_num_threads(threads)
    real = np.dtype(case.dtype).type
    given = {"x": arrays[0], "y": arrays[1], "scale": real(1 / case.examples)}
    given |= {"half": real(0.5), "one": real(1), "log_2": real(np.log(2))}
    gradient = np.empty_like(arrays[0])

    def run() -> tuple[Any, np.ndarray]:
        # what is named and not used would be refused
        total = numexpr.evaluate(f"sum({value})", local_dict=given, global_dict={})
        numexpr.evaluate(slope, local_dict=given, global_dict={}, out=gradient)
        return total, gradient

    return Called(run, lambda pair: (float(pair[0]) / case.examples, pair[1]))


CONTENDERS = (
    Contender("symloss C, timed in C", "symloss", _generated),
    Contender("symloss C", "symloss", _kernel("c")),
    Contender("symloss NumPy", "symloss", _kernel("numpy"), threaded=False),
    Contender("NumPy by hand", "symloss", _numpy, threaded=False, distribution="numpy"),
    Contender("scalar C", "symloss", _by_hand, threaded=False),
    Contender("PyTorch eager", "torch", _torch, distribution="torch"),
    Contender("torch.compile", "torch", _torch_compile, distribution="torch"),
    Contender("JAX jit", "jax", _jax, distribution="jax"),
    Contender("scikit-learn", "scikit-learn", _scikit_learn, distribution="scikit-learn"),
    Contender("numexpr", "numexpr", _numexpr, distribution="numexpr"),
    *(Contender(what, "symloss", _limit(what)) for what in compiled.LIMITS),
)
