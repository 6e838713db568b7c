"""Hand-written gradients inside automatic differentiation: PyTorch and JAX.

Each function is a factory, so that the framework is imported only by the test that has it.
"""

from verification.corpus.record import right, unstable, wrong

TORCH = {"needs": ("torch",), "factory": True, "returns": "torch"}
JAX = {"needs": ("jax",), "factory": True, "returns": "jax"}


@right("huber", "prediction target", convention={"reduction": "sum"}, **TORCH)
def torch_huber():
    """A Function whose backward multiplies by what comes in."""
    import torch

    class Huber(torch.autograd.Function):
        @staticmethod
        def forward(ctx, prediction, target):
            r = prediction - target
            ctx.save_for_backward(r)
            return torch.where(r.abs() <= 1, r * r / 2, r.abs() - 0.5).sum()

        @staticmethod
        def backward(ctx, grad_output):
            (r,) = ctx.saved_tensors
            g = grad_output * r.clamp(-1, 1)
            return g, -g

    return Huber


@wrong(
    "mean_squared_error",
    "prediction target",
    "missing-chain-factor",
    "scale",
    source="SeanNaren/warp-ctc#170",
    **TORCH,
)
def torch_ignores_grad_output():
    """backward forgets grad_output, which is 1 only when nothing is done to the loss."""
    import torch

    class SquaredError(torch.autograd.Function):
        @staticmethod
        def forward(ctx, prediction, target):
            ctx.save_for_backward(prediction - target)
            return ((prediction - target) ** 2).sum()

        @staticmethod
        def backward(ctx, grad_output):
            (r,) = ctx.saved_tensors
            return 2 * r, -2 * r

    return SquaredError


@wrong("mean_squared_error", "prediction target", "sign", **TORCH)
def torch_saves_target_minus_prediction():
    """The saved residual has the other sign."""
    import torch

    class SquaredError(torch.autograd.Function):
        @staticmethod
        def forward(ctx, prediction, target):
            residual = target - prediction
            ctx.save_for_backward(residual)
            return (residual**2).sum()

        @staticmethod
        def backward(ctx, grad_output):
            (residual,) = ctx.saved_tensors
            return 2 * residual * grad_output, -2 * residual * grad_output

    return SquaredError


@right(
    "binary_cross_entropy_with_logits",
    "logits target",
    convention={"reduction": "mean"},
    stable=None,
    **TORCH,
)
def torch_bce_of_the_library():
    """The library's own, differentiated by the library."""
    import torch

    def loss(logits, target):
        return torch.nn.functional.binary_cross_entropy_with_logits(logits, target)

    return loss


@unstable(
    "contrastive",
    "first second same",
    kinds=("nan", "kink"),
    convention={"reduction": "sum"},
    where=r"distance|coincide|=\s*0",
    source="adambielski/siamese-triplet#18",
    **TORCH,
)
def torch_square_root_of_zero():
    """The square root of a sum of squares, whose derivative at 0 is 0 · inf."""
    import torch

    def contrastive_loss(first, second, same):
        d = ((first - second) ** 2).sum(-1).sqrt()
        return (same * d**2 / 2 + (1 - same) * torch.clamp(1 - d, min=0) ** 2 / 2).sum()

    return contrastive_loss


@right("log_cosh", "prediction target", convention={"reduction": "sum"}, **JAX)
def jax_log_cosh():
    """A custom_vjp with tanh."""
    import jax
    import jax.numpy as jnp

    def value(prediction, target):
        r = jnp.abs(prediction - target)
        return jnp.sum(r + jnp.log1p(jnp.exp(-2 * r)) - jnp.log(2.0))

    loss = jax.custom_vjp(value)

    def forward(prediction, target):
        return value(prediction, target), prediction - target

    def backward(r, cotangent):
        g = cotangent * jnp.tanh(r)
        return g, -g

    loss.defvjp(forward, backward)
    return loss


@wrong("mean_squared_error", "prediction target", "scale", **JAX)
def jax_custom_vjp_triples():
    """The rule of a custom_vjp has 3 where the derivative has 2."""
    import jax
    import jax.numpy as jnp

    loss = jax.custom_vjp(lambda prediction, target: jnp.sum((prediction - target) ** 2))

    def forward(prediction, target):
        return loss(prediction, target), prediction - target

    def backward(r, cotangent):
        return 3 * r * cotangent, -3 * r * cotangent

    loss.defvjp(forward, backward)
    return loss


@wrong("hinge", "score target", "wrong-branch", **JAX)
def jax_custom_jvp_beyond_the_margin():
    """The tangent of a custom_jvp lives on the wrong side of the margin."""
    import jax
    import jax.numpy as jnp

    loss = jax.custom_jvp(lambda score, target: jnp.sum(jnp.maximum(0.0, 1 - target * score)))

    @loss.defjvp
    def tangent(primals, tangents):
        (score, target), (d_score, _) = primals, tangents
        return loss(score, target), jnp.sum(jnp.where(target * score > 1, -target, 0.0) * d_score)

    return loss


@unstable(
    "binary_cross_entropy",
    "probability target",
    convention={"reduction": "sum"},
    source="google-deepmind/optax#1786",
    **JAX,
)
def jax_where_around_the_logarithm():
    """where() guards the value; its derivative still holds 0 · inf."""
    import jax.numpy as jnp

    def loss(probability, target):
        one = jnp.where(target == 0, 0.0, target * jnp.log(probability))
        other = jnp.where(target == 1, 0.0, (1 - target) * jnp.log(1 - probability))
        return -jnp.sum(one + other)

    return loss
