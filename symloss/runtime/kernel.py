"""What every kernel has: how it is called, and what is refused before anything is computed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from symloss.derive import vectors_of
from symloss.identity import identity
from symloss.runtime.checks import check_domains, check_parameters, check_rounded
from symloss.store import kept
from symloss.value import Loss

__all__ = ["Kernel", "kept_code"]


class Kernel:
    """A loss that computes. Every method takes the tensors in the order of the declaration, or by name.

    The tensors of an elementwise loss have any one shape, with each number an example. Those of a loss over axes have
    the batch's axes first, of which there may be any number, and their own axes last; those that belong to the whole
    batch have their own axes alone. Class indices are whole numbers. Results are float32 where no floating-point
    number comes in a longer format, else float64; or what the kernel was loaded for.

    Keyword arguments are the hyper-parameters, ``weight`` (one number for each example), ``reduction`` ("mean",
    "sum" or "none"), ``check``: with ``check=True`` a value outside its declared domain raises ValueError, and
    ``out``: arrays that the results are written into and which are returned then, in the form of what is
    returned. That is an array, or a dict of arrays by name where several tensors are differentiated; for
    ``value_and_gradient`` a pair, (None, array) where the value is one number. An array must have the shape and
    the type of the result, be contiguous (C order) and writeable, and share no memory with another argument.
    TypeError or ValueError says which one is not, and nothing is written then.

    A result without ``out`` is a new array. Compiled kernels use the memory of large ones (1 MiB or more) again:
    when nothing refers to such a result any more, nor to a view or a tensor of it, its memory waits for the next
    result. At most 256 MiB wait in a process, for all kernels together; a larger result is given back at once,
    and so is what waits when the kernel is gone.
    """

    backend: str

    def __init__(self, loss: Loss, dtype: Any, functions: Iterable[str]):
        self.loss = loss
        self.dtype = dtype
        self.functions = tuple(functions)
        self._fast: dict[str, list[Callable[..., Any]]] = {}
        """The short ways to call a function. One that does not fit the arguments returns None or raises."""
        self._takes_weight = loss.example != 0 or "weight" in {p.name for p in loss.parameters}
        self._signatures: dict[str, tuple[inspect.Signature, Callable[..., dict[str, Any]]]] = {}

    def __repr__(self) -> str:
        return f"<{self.backend} kernel of {self.loss.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.loss, self.dtype)

    def value(self, *tensors: Any, **options: Any) -> Any:
        """The loss: a number, or with ``reduction="none"`` an array of the batch's shape, a number for each example."""
        return self._call("value", tensors, options)

    def gradient(self, *tensors: Any, **options: Any) -> Any:
        """The gradient of the value: an array of the tensor's shape, or a dict by name where there are several."""
        return self._call("gradient", tensors, options)

    def value_and_gradient(self, *tensors: Any, **options: Any) -> tuple[Any, Any]:
        """The pair of both, in one pass."""
        return self._call("value_and_gradient", tensors, options)

    def hessian(self, *tensors: Any, **options: Any) -> Any:
        """The second derivative by each number, shaped like the tensor.

        Raises NotImplementedError where the loss is not elementwise.
        """
        return self._call("hessian", tensors, options)

    def hessian_vector_product(self, *tensors: Any, **options: Any) -> Any:
        """The Hessian times ``vector``, the last of the tensors, shaped like the tensor that is differentiated by.

        Where there are several, each has a vector, ``vector_<name>``. Raises NotImplementedError where ``functions``
        does not have it: where the loss is elementwise or spans the batch.
        """
        return self._call("hessian_vector_product", tensors, options)

    def _call(self, what: str, tensors: tuple, options: dict[str, Any]) -> Any:
        for fast in self._fast.get(what, ()):
            try:
                found = fast(*tensors, **options) if options else fast(*tensors)
            except (TypeError, ValueError, AttributeError):
                continue
            if found is not None:
                return found
        if what not in self.functions:
            raise NotImplementedError(
                f"{self.loss.name} is a loss of kind {self.loss.kind} with derivatives by "
                f"{', '.join(self.loss.differentiated)}: there is no {what}; there are {', '.join(self.functions)}"
            )
        if what not in self._signatures:
            self._signatures[what] = _signature(self.loss, what)
        signature, bind = self._signatures[what]
        try:
            arguments = bind(*tensors, **options)
        except TypeError:
            try:
                signature.bind(*tensors, **options)  # whose messages do not depend on Python's version
            except TypeError as error:
                raise TypeError(f"{self.loss.name}: {error}; it is called as {what}{signature}") from None
            raise
        check = arguments.pop("check")
        if arguments.get("weight") is not None and not self._takes_weight:
            raise ValueError(
                f"{self.loss.name}: it spans the whole batch, so it takes no weight for single examples; "
                "declare a loss that uses one"
            )
        reduction = arguments["reduction"]
        if not isinstance(reduction, str) or reduction not in ("mean", "sum", "none"):
            raise ValueError(
                f"{self.loss.name}: reduction must be 'mean', 'sum' or 'none', not {reduction!r}"
            )
        if self.loss.mean_only and reduction != "mean":
            raise ValueError(
                f"{self.loss.name}: its examples share tensors with a term over the whole batch, so they are put "
                f"together by their mean; reduction {reduction!r} cannot be had"
            )
        check_parameters(self.loss, arguments)
        check_rounded(self.loss, arguments, self.dtype)
        if check:
            check_domains(self.loss, arguments)
        return self._run(what, arguments)

    def _run(self, what: str, arguments: dict[str, Any]) -> Any:
        raise NotImplementedError


def _signature(loss: Loss, what: str) -> tuple[inspect.Signature, Callable[..., dict[str, Any]]]:
    """How a function is called, and the arguments of a call by name."""
    place = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [i.name for i in loss.inputs]
    if what == "hessian_vector_product":
        names += [v.name for v in vectors_of(loss)]
    options = {p.name: None if p.axes else p.default for p in loss.parameters}
    options |= {"weight": options.get("weight"), "reduction": "mean", "out": None, "check": False}
    keyword = inspect.Parameter.KEYWORD_ONLY
    signature = inspect.Signature(
        [inspect.Parameter(name, place) for name in names]
        + [inspect.Parameter(name, keyword, default=default) for name, default in options.items()]
    )
    every = ", ".join(f"{name!r}: {name}" for name in signature.parameters)
    return signature, eval(f"lambda {str(signature)[1:-1]}: {{{every}}}", {"__builtins__": {}})


def kept_code(loss: Loss, backend: str, make: Callable[[], Any]) -> Any:
    """A kernel's code: from the cache, where it was made before."""
    known = identity(loss)
    return kept(None if known is None else ("kernel", backend, known), make)
