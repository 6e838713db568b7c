"""What a kernel does with its arguments before it computes: arrays, dtypes, shapes, weights and class indices.

It needs NumPy alone, and its text is part of every generated NumPy module, so that both speak with one voice.
"""

import numpy as np

SINGLE = np.dtype(np.float32)
DOUBLE = np.dtype(np.float64)

ALL = slice(None)


class ClassIndexError(IndexError, ValueError):
    """A class index outside its range."""


class Arguments:
    """The arguments of one call: arrays with one batch axis in front, and how to shape the results."""

    __slots__ = (
        "_examples _first arithmetic arrays batch_shape count dtype given loss per_example reduction sizes "
        "weight whole wide"
    ).split()

    def __init__(
        self,
        loss,
        per_example,
        tensors,
        weight=None,
        reduction="mean",
        dtype=None,
        least=DOUBLE,
        indices=(),
        vectors=(),
        whole=(),
    ):
        """Check and arrange the arguments of ``loss``.

        ``per_example`` says whether there are examples to weigh and to reduce over; ``whole`` names the
        tensors that belong to the batch and not to an example. ``tensors`` are triples (name, array, own
        axes), ``indices`` tuples (name, array, own axes, axis that they index, allowed other value or None),
        and ``vectors`` quadruples (name, array or None, axes, default). ``least`` is the least precise format
        that formulas are computed in; sums are in double precision at least.
        """
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"{loss}: reduction must be 'mean', 'sum' or 'none', not {reduction!r}")
        if reduction == "none" and per_example and whole:
            raise ValueError(
                f"{loss}: reduction 'none' asks for each example's loss, but the terms with "
                f"{', '.join(whole)} belong to the batch; use 'mean' or 'sum'"
            )
        self.loss, self.per_example, self.whole, self.reduction = loss, per_example, whole, reduction
        self.sizes, self.arrays, self.given = {}, {}, []
        self._first, self.batch_shape, self._examples = None, (), 1
        if whole or not self._take_alike(tensors, dtype):
            self._take_any(tensors, dtype)
        if indices or vectors:
            self._fit_further(indices, vectors)
        self.wide = DOUBLE if self.dtype.itemsize <= 8 else self.dtype
        self.arithmetic = self.dtype if self.dtype == least else self.wide
        self.count = self._examples if per_example else 1
        self.weight = None if weight is None else self._weights(weight)

    def _take_alike(self, tensors, dtype):
        """The short way for arrays of one shape and format in C order: where the first fits, all do.

        It says whether that is so.
        """
        first, array, own = tensors[0]
        if type(array) is not np.ndarray:
            return False
        shape, kind, size = array.shape, array.dtype, array.size
        if (kind is not DOUBLE and kind is not SINGLE) or (dtype is not None and kind != dtype):
            return False
        arrays = self.arrays
        for name, array, axes in tensors:
            if type(array) is not np.ndarray or array.dtype is not kind or array.shape != shape:
                return False
            if axes != own or not array.flags.c_contiguous:
                return False
            arrays[name] = array
        self.dtype = kind
        if own:
            inner = self._fitting(first, shape, own)
        else:
            self._first, self.batch_shape, self._examples = (first, shape), shape, size
            inner = (size,)
        if inner != shape:
            for name in arrays:
                arrays[name] = arrays[name].reshape(inner)
        return True

    def _take_any(self, tensors, dtype):
        """All other arrays, and what can be made one."""
        self.given = [(name, _numbers(self.loss, name, array)) for name, array, _ in tensors]
        self.dtype = np.dtype(dtype) if dtype is not None else _common_dtype(self.given)
        for (_, _, axes), (name, array) in zip(tensors, self.given, strict=True):
            self._fit(name, array, axes, self.dtype)

    def _fit(self, name, array, axes, dtype):
        """Make the batch axes one, where a shape fits to those before it."""
        inner = self._fitting(name, array.shape, axes)
        self.arrays[name] = np.ascontiguousarray(array, dtype=dtype).reshape(inner)

    def _fitting(self, name, shape, axes):
        """Hold a shape against those before it; what it is with one batch axis."""
        batch, per_example = len(shape) - len(axes), name not in self.whole
        if batch < 0 or (batch > 0 and not per_example):
            expected = ", ".join([*(["..."] if per_example else []), *axes])
            raise ValueError(f"{self.loss}: {name} has shape {shape}, expected ({expected})")
        lead, own = (shape[:batch], shape[batch:]) if axes else (shape, ())
        if not per_example:
            lead = self.batch_shape
        elif self._first is None:
            self._first, self.batch_shape, self._examples = (name, shape), lead, product_of(lead)
        if lead != self.batch_shape:
            known = [f"{axis} = {self.sizes[axis][0]}" if axis in self.sizes else axis for axis in axes]
            expected = ", ".join([*map(str, self.batch_shape), *known])
            raise ValueError(
                f"{self.loss}: {name} of shape {shape} does not fit "
                f"{self._first[0]} of shape {self._first[1]}, expected ({expected})"
            )
        for axis, length in zip(axes, own, strict=True):
            known, where, there = self.sizes.setdefault(axis, (length, name, shape))
            if known != length:
                raise ValueError(
                    f"{self.loss}: the axis {axis} has {known} entries in {where} of shape {there} "
                    f"but {length} in {name} of shape {shape}"
                )
        return (self._examples, *own) if per_example else own

    def _fit_further(self, indices, vectors):
        """Class indices and hyper-parameters with axes."""
        for name, array, axes, *_ in indices:
            array = _whole_numbers(self.loss, name, array)
            self.given.append((name, array))
            self._fit(name, array, axes, np.int64)
        given = {axis for _, array, axes, _ in vectors if array is not None for axis in axes}
        for name, _, _, classes, _ in indices:
            if classes not in self.sizes and classes not in given:
                largest = int(self.arrays[name].max(initial=0))
                self.sizes[classes] = (largest + 1, name, self.arrays[name].shape)
        for name, array, axes, default in vectors:
            self._fit_vector(name, array, axes, default)
        for name, _, _, classes, other in indices:
            self._check_range(name, classes, other)

    def _fit_vector(self, name, array, axes, default):
        """A hyper-parameter with axes; None stands for its default everywhere."""
        known = [self.sizes[axis][0] if axis in self.sizes else None for axis in axes]
        if array is None or np.ndim(array) == 0:
            if None in known:
                raise ValueError(
                    f"{self.loss}: {name} must be given, for no input has the axes ({', '.join(axes)})"
                )
            array = np.full(known, default if array is None else array)
        array = _numbers(self.loss, name, array)
        self.given.append((name, array))
        if array.ndim != len(axes) or any(
            k not in (None, s) for k, s in zip(known, array.shape, strict=True)
        ):
            expected = ", ".join(
                axis if k is None else f"{axis} = {k}" for axis, k in zip(axes, known, strict=True)
            )
            raise ValueError(f"{self.loss}: {name} has shape {array.shape}, expected ({expected})")
        for axis, length in zip(axes, array.shape, strict=True):
            self.sizes.setdefault(axis, (length, name, array.shape))
        self.arrays[name] = np.ascontiguousarray(array, dtype=self.dtype)

    def _check_range(self, name, classes, other):
        array, count = self.arrays[name], self.sizes[classes][0]
        wrong = (array < 0) | (array >= count)
        if other is not None:
            wrong &= array != other
        if wrong.any():
            place = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
            expected = ([f"0 to {count - 1}"] if count else []) + ([] if other is None else [str(other)])
            empty = "" if count else f", for the axis {classes} is empty"
            raise ClassIndexError(
                f"{self.loss}: {name} has the class index {array[place]}, "
                f"expected {' or '.join(expected) or 'none'}{empty}"
            )

    def _weights(self, weight):
        if not self.per_example:
            raise ValueError(
                f"{self.loss}: it spans the whole batch, so it takes no weight for single examples"
            )
        weight = _numbers(self.loss, "weight", weight)
        self.given.append(("weight", weight))
        if weight.shape != self.batch_shape:
            raise ValueError(
                f"{self.loss}: weight has shape {weight.shape}, expected {self.batch_shape}, one for each "
                f"example of {self._first[0]} of shape {self._first[1]}"
            )
        weight = np.ascontiguousarray(weight, dtype=self.dtype).reshape(-1)
        right = np.isfinite(weight) & (weight >= 0)
        if not right.all():
            place = int(np.argmin(right))
            where = ", ".join(str(i) for i in np.unravel_index(place, self.batch_shape))
            at = f"[{where}]" if where else ""
            raise ValueError(
                f"{self.loss}: weight{at} is {weight[place]}, but a weight must be finite and at least 0"
            )
        with np.errstate(over="ignore"):
            total = weight.sum(dtype=np.float64)
        if weight.size and not 0 < total < np.inf:
            raise ValueError(f"{self.loss}: the weights sum to {total}, expected a finite number above 0")
        return weight

    def real(self, name, block=ALL):
        """An array, or a block of its examples, in the precision that formulas are computed in."""
        array = self.arrays[name] if block is ALL else self.arrays[name][block]
        return array if array.dtype is self.arithmetic else array.astype(self.arithmetic, copy=False)

    def indices(self, name, block=ALL):
        """An array of class indices, or a block of its examples."""
        return self.arrays[name] if block is ALL else self.arrays[name][block]

    def size(self, axis):
        """The length of an axis."""
        return self.sizes[axis][0]

    def shape(self, name):
        """The shape of what belongs to each number of a tensor."""
        own = self.arrays[name].shape
        return own if name in self.whole else self.batch_shape + own[1:]


def product_of(numbers):
    """How many entries an array of these lengths has."""
    product = 1
    for number in numbers:
        product *= number
    return product


def _asarray(loss, name, array):
    if type(array) is not np.ndarray and isinstance(array, np.ndarray) and np.ma.is_masked(array):
        raise TypeError(
            f"{loss}: {name} has masked entries, and no entry can be left out; take those examples away, "
            f"or give them a number by filled() and the weight 0"
        )
    try:
        return np.asarray(array)
    except ValueError as error:
        raise ValueError(f"{loss}: {name} is no array: {error}") from None


def _numbers(loss, name, array):
    if type(array) is not np.ndarray:
        array = _asarray(loss, name, array)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{loss}: {name} must hold real numbers, not {array.dtype}")
    return array


def _whole_numbers(loss, name, array):
    array = _asarray(loss, name, array)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TypeError(
            f"{loss}: {name} must hold class indices, whole numbers of type int64, not {array.dtype}"
        )
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise ClassIndexError(f"{loss}: {name} has the class index {array.max()}, which no int64 can hold")
    return array


def _common_dtype(given):
    """float32 if all that is floating is float32 or smaller, else float64."""
    sizes = [array.dtype.itemsize for _, array in given if array.dtype.kind == "f"]
    return SINGLE if sizes and max(sizes) <= 4 else DOUBLE
