"""What was handed over: any callable as one that takes and gives NumPy arrays, and what happened when it was called."""

from __future__ import annotations

import contextlib
import inspect
import io
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Answer", "Labels", "Target", "framework_of", "signature_of"]


@dataclass
class Answer:
    """What one call gave: arrays, nested in a tuple or a dict as they came, or what went wrong instead."""

    result: Any = None
    error: str = ""
    kind: str = ""
    """exception or timeout, where there was an error."""
    printed: str = ""
    mutated: tuple[str, ...] = ()
    died: bool = False
    deaf: bool = False
    """Whether its backward pass gives the same whatever it is handed from above."""


class Labels:
    """Stands for XGBoost's DMatrix and LightGBM's Dataset in a custom objective: it holds labels and weights."""

    def __init__(self, label: Any, weight: Any = None):
        self._label, self._weight = np.asarray(label), weight

    def get_label(self) -> np.ndarray:
        return self._label

    def get_weight(self) -> Any:
        return self._weight

    def get_group(self) -> None:
        return None

    def num_row(self) -> int:
        return len(self._label)

    num_data = num_row


@dataclass
class Target:
    """A function under test, called in this process. ``differentiated`` are the positions that a framework
    differentiates by; without them the result itself is taken for the gradient."""

    function: Callable
    framework: str = "numpy"

    def __call__(
        self, args: Sequence[Any], keywords: dict[str, Any], differentiated: tuple[int, ...] = ()
    ) -> Answer:
        """Call it, and catch everything: prints, exceptions, exits, and changes of what it was given."""
        handed = [_copied(a) for a in args]
        named = {k: _copied(v) for k, v in keywords.items()}
        out = io.StringIO()
        answer = Answer()
        try:
            with _quiet(out):
                if self.framework == "torch":
                    result = _call_torch(self.function, handed, named, differentiated, answer)
                elif self.framework == "jax":
                    result = _call_jax(self.function, handed, named, differentiated, answer)
                else:
                    result = self.function(*handed, **named)
                answer.result = normalized(result)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            answer.kind = "exception"
            answer.error = _described(error)
        answer.printed = out.getvalue()
        before = [*enumerate(args), *keywords.items()]
        after = [*handed, *named.values()]
        answer.mutated = tuple(str(k) for (k, b), a in zip(before, after, strict=True) if _changed(b, a))
        return answer


def _described(error: BaseException) -> str:
    if isinstance(error, NotNumbers):
        return str(error)
    if isinstance(error, SystemExit):
        return f"it called exit({error.code if error.code is not None else ''})"
    try:
        text = str(error)
    except Exception:
        text = ""
    first = text.strip().split("\n", 1)[0][:300]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, Labels):
        return Labels(value.get_label().copy(), _copied(value.get_weight()))
    return value


def _changed(before: Any, after: Any) -> bool:
    if isinstance(before, Labels):
        return _changed(before.get_label(), after.get_label())
    if not isinstance(before, np.ndarray):
        return False
    return before.shape != after.shape or before.tobytes() != np.ascontiguousarray(after).tobytes()


@contextlib.contextmanager
def _quiet(out: io.StringIO) -> Iterator[None]:
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


class NotNumbers(TypeError):
    """A result that holds no real numbers."""


def normalized(result: Any) -> Any:
    """A result as arrays of numbers, a tuple of such, or a dict of such; None stands for a missing part."""
    if result is None:
        raise NotNumbers("it returned None, where numbers were expected")
    if isinstance(result, dict):
        return {str(k): normalized(v) for k, v in result.items() if v is not None}
    if isinstance(result, tuple):
        parts = tuple(normalized(r) for r in result if r is not None)
        if not parts:
            raise NotNumbers("it returned an empty tuple, where numbers were expected")
        return parts[0] if len(parts) == 1 else parts
    if isinstance(result, list) and not all(np.ndim(r) == 0 for r in result):
        shapes = {np.shape(_as_array(r)) for r in result}
        if len(result) <= 4 and len(shapes) == 1 and any(isinstance(r, np.ndarray) for r in result):
            return tuple(_as_array(r) for r in result)
    return _as_array(result)


def _as_array(result: Any) -> np.ndarray:
    if hasattr(result, "detach"):
        result = result.detach().cpu()
        if hasattr(result, "resolve_conj"):
            result = result.resolve_conj()
        result = result.numpy()
    try:
        array = np.asarray(result)
    except Exception as error:
        raise NotNumbers(
            f"it returned {type(result).__name__}, which is no array of numbers ({error})"
        ) from None
    if array.dtype.kind == "c":
        raise NotNumbers(f"it returned complex numbers (dtype {array.dtype}), where real ones were expected")
    if array.dtype.kind == "O":
        try:
            array = array.astype(float)
        except (TypeError, ValueError):
            raise NotNumbers(f"it returned {_words(result)}, where numbers were expected") from None
    if array.dtype.kind not in "fiub":
        raise NotNumbers(f"it returned {_words(result)}, where numbers were expected")
    return array if array.dtype.kind == "f" else array.astype(float) if array.dtype.kind == "b" else array


def _words(result: Any) -> str:
    return (
        f"{type(result).__name__} {str(result)[:60]!r}" if isinstance(result, str) else type(result).__name__
    )


# --- frameworks, imported only where the function needs them ----------------------------------------------


def framework_of(function: Any) -> str:
    """torch, jax or numpy: by what the function is, and by the modules that its code names."""
    kinds = function.__mro__ if isinstance(function, type) else type(function).__mro__
    roots = {str(getattr(k, "__module__", "")).split(".")[0] for k in kinds}
    roots.add(str(getattr(function, "__module__", "") or "").split(".")[0])
    for name in ("torch", "jax"):
        if name in roots or (name == "jax" and "jaxlib" in roots):
            return name
    named = _modules_named(function)
    return next((name for name in ("torch", "jax") if name in named), "numpy")


def _modules_named(function: Any) -> set[str]:
    wrapped = inspect.unwrap(function) if callable(function) else function
    wrapped = getattr(wrapped, "func", wrapped)
    wrapped = getattr(wrapped, "__func__", wrapped)
    code = getattr(wrapped, "__code__", None)
    if code is None:
        inner: Any = type(wrapped).__call__ if callable(wrapped) else None
        code = getattr(inner, "__code__", None)
        wrapped = inner
    found: set[str] = set()
    pending = [code] if code is not None else []
    scope = {**getattr(wrapped, "__globals__", {}), **_closed_over(wrapped)}
    while pending:
        one = pending.pop()
        for name in (*one.co_names, *one.co_freevars):
            value = scope.get(name)
            if isinstance(value, types.ModuleType):
                found.add(value.__name__.split(".")[0])
            elif name in scope:  # a function or a layer of a framework, by whatever name
                kind = value if callable(value) else type(value)
                found.add(str(getattr(kind, "__module__", "") or "").split(".")[0])
            else:
                found.add(name)
        pending += [c for c in one.co_consts if isinstance(c, types.CodeType)]
    return found


def _closed_over(function: Any) -> dict[str, Any]:
    """The variables of the functions around it that a function uses."""
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    found = {}
    for name, cell in zip(names, getattr(function, "__closure__", None) or (), strict=False):
        with contextlib.suppress(ValueError):  # a cell that is still empty
            found[name] = cell.cell_contents
    return found


def signature_of(function: Any) -> inspect.Signature | None:
    """The signature, where it can be told; that of ``forward`` for a torch.autograd.Function, without the context."""
    try:
        if isinstance(function, type) and hasattr(function, "forward") and hasattr(function, "apply"):
            every = list(inspect.signature(function.forward).parameters.values())
            if every and every[0].name in ("ctx", "context", "self"):
                every = every[1:]
            return inspect.Signature(every)
        if (
            hasattr(function, "forward")
            and type(function).__module__ != "builtins"
            and not inspect.isfunction(function)
        ):
            return inspect.signature(function.forward)
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _call_torch(
    function: Any, args: list, keywords: dict, differentiated: tuple[int, ...], answer: Answer
) -> Any:
    import torch

    def tensor(value: Any, wanted: bool) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        made = torch.from_numpy(np.ascontiguousarray(value))
        return made.requires_grad_(True) if wanted else made

    handed = [tensor(a, k in differentiated) for k, a in enumerate(args)]
    named = {k: tensor(v, False) for k, v in keywords.items()}
    call = getattr(function, "apply") if isinstance(function, type) else function  # noqa: B009
    value = call(*handed, **named)
    if not differentiated:
        return value
    first = value[0] if isinstance(value, (tuple, list)) else value
    if not getattr(first, "requires_grad", False):
        raise NotNumbers("torch finds no path from the result back to the input: nothing to differentiate")
    own = isinstance(function, type)
    first.sum().backward(retain_graph=own)
    gradients = [handed[k].grad for k in differentiated]
    if own:
        chosen = [handed[k] for k in differentiated]
        with contextlib.suppress(RuntimeError):  # a graph that cannot be walked twice
            twice = torch.autograd.grad(2 * first.sum(), chosen, allow_unused=True)
            answer.deaf = _deaf(gradients, twice)
    zeros = [
        torch.zeros_like(handed[k]) if g is None else g
        for k, g in zip(differentiated, gradients, strict=True)
    ]
    return (first, *zeros)


def _call_jax(
    function: Any, args: list, keywords: dict, differentiated: tuple[int, ...], answer: Answer
) -> Any:
    import jax

    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        import jax.numpy as jnp

        handed = [jnp.asarray(a) if isinstance(a, np.ndarray) else a for a in args]
        named = {k: jnp.asarray(v) if isinstance(v, np.ndarray) else v for k, v in keywords.items()}
        if not differentiated:
            return _from_jax(function(*handed, **named))

        def total(*chosen: Any, times: float = 1.0) -> Any:
            every = list(handed)
            for k, value in zip(differentiated, chosen, strict=True):
                every[k] = value
            result = function(*every, **named)
            return times * jnp.sum(result), result

        chosen = [handed[k] for k in differentiated]
        slope = jax.grad(total, argnums=tuple(range(len(chosen))), has_aux=True)
        gradients, value = slope(*chosen)
        if type(function).__name__ == "custom_vjp":
            answer.deaf = _deaf(gradients, slope(*chosen, times=2.0)[0])
        return (np.asarray(value), *(np.asarray(g) for g in gradients))


def _deaf(once: Sequence[Any], twice: Sequence[Any]) -> bool:
    """Whether the gradients of the loss and of its double are the same numbers, and not all of them 0."""
    pairs = [
        (np.asarray(a), np.asarray(b))
        for a, b in zip(once, twice, strict=True)
        if a is not None and b is not None
    ]
    return any(np.any(a) for a, _ in pairs) and all(np.array_equal(a, b) for a, b in pairs)


def _from_jax(result: Any) -> Any:
    if isinstance(result, (tuple, list)):
        return tuple(_from_jax(r) for r in result)
    return np.asarray(result)
