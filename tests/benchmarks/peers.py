"""The losses of other libraries, each with the methods of a kernel, so that they are measured as kernels are."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["PEERS", "Peer", "PeerKernel"]

Function = Callable[[np.ndarray, np.ndarray, Mapping[str, Any]], tuple[Any, Any]]
"""Value and gradient from predictions, targets and hyper-parameters, for each example."""


@dataclass(frozen=True)
class Peer:
    """A library. ``losses`` imports it and gives its functions by the name that their loss has in the catalogue.

    A name may be followed by the kind of target, as "softmax_cross_entropy, one-hot", where it takes no other.
    """

    name: str
    distribution: str
    losses: Callable[[], dict[str, Function]]

    @property
    def version(self) -> str | None:
        """The version that is installed; None where there is none."""
        try:
            return importlib.metadata.version(self.distribution)
        except importlib.metadata.PackageNotFoundError:
            return None


@dataclass(frozen=True)
class PeerKernel:
    """One function of a peer, called as a kernel is."""

    backend: str
    function: Function

    def value(self, **arguments: Any) -> np.ndarray:
        """The loss of each example."""
        return np.asarray(self._both(arguments)[0])

    def gradient(self, **arguments: Any) -> np.ndarray:
        """The gradient of each example's loss."""
        return np.asarray(self._both(arguments)[1])

    def _both(self, arguments: dict[str, Any]) -> tuple[Any, Any]:
        if arguments.pop("reduction") != "none":
            raise ValueError(f"{self.backend}: peers are measured example by example")
        target = arguments.pop("target")
        name = "logits" if "logits" in arguments else "prediction"
        prediction = arguments.pop(name)
        return self.function(prediction, target, arguments)


def _pytorch() -> dict[str, Function]:
    from torch.nn import functional

    return {
        "binary_cross_entropy_with_logits": _by_autograd(
            lambda z, y, _: functional.binary_cross_entropy_with_logits(z, y, reduction="none")
        ),
        "huber": _by_autograd(
            lambda r, y, given: functional.huber_loss(r, y, reduction="none", delta=given["delta"])
        ),
        "mean_squared_error": _by_autograd(lambda r, y, _: functional.mse_loss(r, y, reduction="none")),
        "softmax_cross_entropy": _by_autograd(
            lambda z, y, _: functional.cross_entropy(z, y, reduction="none")
        ),
    }


def _torchvision() -> dict[str, Function]:
    """The formula of torchvision.ops.sigmoid_focal_loss, which differs from the declared one in what it rounds.

    https://docs.pytorch.org/vision/stable/generated/torchvision.ops.sigmoid_focal_loss.html
    """
    import torch
    from torch.nn import functional

    def focal(z: Any, y: Any, given: Mapping[str, Any]) -> Any:
        probability = torch.sigmoid(z)
        missed = 1 - (probability * y + (1 - probability) * (1 - y))
        share = given["alpha"] * y + (1 - given["alpha"]) * (1 - y)
        cross_entropy = functional.binary_cross_entropy_with_logits(z, y, reduction="none")
        return share * (cross_entropy * missed ** given["gamma"])

    return {"focal_with_logits": _by_autograd(focal)}


def _by_autograd(loss: Callable[[Any, Any, Mapping[str, Any]], Any]) -> Function:
    def run(prediction: np.ndarray, target: np.ndarray, given: Mapping[str, Any]) -> tuple[Any, Any]:
        import torch

        at = torch.tensor(prediction, requires_grad=True)
        value = loss(at, torch.tensor(target), given)
        (gradient,) = torch.autograd.grad(value, at, torch.ones_like(value))
        return value.detach().numpy(), gradient.numpy()

    return run


def _jax() -> dict[str, Function]:
    """JAX has no losses, but the functions that its users write them with."""
    import jax

    return {
        "binary_cross_entropy_with_logits": _by_vjp(lambda z, y, _: jax.numpy.logaddexp(0.0, z) - y * z),
        "softmax_cross_entropy": _by_vjp(lambda z, y, _: -(y * jax.nn.log_softmax(z)).sum(axis=-1)),
    }


def _optax() -> dict[str, Function]:
    import optax

    return {
        "binary_cross_entropy_with_logits": _by_vjp(lambda z, y, _: optax.sigmoid_binary_cross_entropy(z, y)),
        "focal_with_logits": _by_vjp(
            lambda z, y, given: optax.sigmoid_focal_loss(z, y, alpha=given["alpha"], gamma=given["gamma"])
        ),
        "log_cosh": _by_vjp(lambda r, y, _: optax.log_cosh(r, y)),
        "huber": _by_vjp(lambda r, y, given: optax.huber_loss(r, y, delta=given["delta"])),
        "mean_squared_error": _by_vjp(lambda r, y, _: optax.squared_error(r, y)),
        "softmax_cross_entropy": _by_vjp(lambda z, y, _: optax.softmax_cross_entropy(z, y)),
    }


def _by_vjp(loss: Callable[[Any, Any, Mapping[str, Any]], Any]) -> Function:
    def run(prediction: np.ndarray, target: np.ndarray, given: Mapping[str, Any]) -> tuple[Any, Any]:
        import jax

        jax.config.update("jax_enable_x64", True)
        numbers = jax.numpy.asarray(target)
        value, pull = jax.vjp(lambda at: loss(at, numbers, given), jax.numpy.asarray(prediction))
        (gradient,) = pull(jax.numpy.ones_like(value))
        return value, gradient

    return run


def _scikit_learn() -> dict[str, Function]:
    """The losses that its linear models and its boosted trees minimise."""
    from sklearn._loss import loss

    def binomial(z: np.ndarray, y: np.ndarray, _: Mapping[str, Any]) -> tuple[Any, Any]:
        return loss.HalfBinomialLoss().loss_gradient(y, z)

    def huber(r: np.ndarray, y: np.ndarray, given: Mapping[str, Any]) -> tuple[Any, Any]:
        return loss.HuberLoss(delta=given["delta"]).loss_gradient(y, r)

    def squared(r: np.ndarray, y: np.ndarray, _: Mapping[str, Any]) -> tuple[Any, Any]:
        # half of the loss, and doubling is exact
        half, half_gradient = loss.HalfSquaredError().loss_gradient(y, r)
        return 2 * half, 2 * half_gradient

    def multinomial(z: np.ndarray, y: np.ndarray, _: Mapping[str, Any]) -> tuple[Any, Any]:
        classes = loss.HalfMultinomialLoss(n_classes=z.shape[1])
        return classes.loss_gradient(y.argmax(axis=1).astype(z.dtype), z)

    return {
        "binary_cross_entropy_with_logits": binomial,
        "huber": huber,
        "mean_squared_error": squared,
        "softmax_cross_entropy, one-hot": multinomial,
    }


PEERS = (
    Peer("PyTorch", "torch", _pytorch),
    Peer("torchvision's formula in PyTorch", "torch", _torchvision),
    Peer("JAX", "jax", _jax),
    Peer("optax", "optax", _optax),
    Peer("scikit-learn", "scikit-learn", _scikit_learn),
)
