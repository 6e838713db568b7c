"""info_nce: Cross-entropy of finding, for each query, its own key among all keys of the batch.

loss of the batch = -Sum(log_softmax(s[j, l], (l, N))[j], (j, N))/N
  where s[i, k] = Sum(key[k, j]*query[i, j], (j, D))/temperature
d/dquery = (-key[i, k] + Sum(key[j, k]*softmax(s[i, l], (l, N))[j], (j, N)))/(N*temperature)
d/dkey = (-query[i, k] + Sum(query[j, k]*softmax(s[j, l], (l, N))[i], (j, N)))/(N*temperature)

Generated; do not edit. Regenerate with:
    symloss generate info_nce --target numpy

Measured against exact results:
    float64: 1538 results, 5.07 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, inf
        ulp (value)
    float32: 1691 results, 0 % beyond the bound; worst 0.11 of the bound, 0.48 ulp (gradient)
    symloss certify, seed 0, depth 1
"""

import numpy as np

__all__ = ["value", "gradient", "value_and_gradient"]


@np.errstate(all="ignore")
def value(query, key, *, temperature=0.1, reduction="mean", dtype=None, out=None):
    """The loss.

    Parameters
    ----------
    query: Real['N', 'D'], (N, D)
    key: Real['N', 'D'], (N, D)
    temperature: Positive, default 0.1
    reduction: for a common interface; the formula spans the batch, so the result is one number
    dtype: the floating-point type of the results; None: that of the inputs
    out: None, for the result is one number

    Returns
    -------
    The loss: a number.

    Raises
    ------
    ValueError
        Where shapes do not fit; where out
        cannot be written into in one piece, or shares memory.
    TypeError
        Where an argument is no array of real numbers, or out is none of the results' type.
    """
    call = Arguments(
        "info_nce",
        False,
        [
            ("query", query, ('N', 'D')),
            ("key", key, ('N', 'D')),
        ],
        None,
        reduction,
        dtype,
        whole=('query', 'key'),
    )
    results = Results(call, (), True, out)
    temperature = results.number(temperature)
    N = call.size("N")
    query = call.real("query")
    key = call.real("key")
    i_range = np.arange(N)
    sum_1 = np.einsum("ac,bc->ab", key, query, optimize=True)
    s = np.transpose(sum_1, (1, 0)) / temperature
    place_1 = place_of_largest(s, -1)
    largest_1 = entry_of(s, place_1)
    exp_1 = np.exp(s - largest_1[:, None])
    sum_2 = sum_of_others(exp_1, place_1)
    sum_3 = sum_along((s[i_range, i_range] - largest_1) - np.log1p(sum_2), -1)
    results.add_whole(-sum_3 / results.arithmetic.type(N))
    return results.value()


@np.errstate(all="ignore")
def gradient(query, key, *, temperature=0.1, reduction="mean", dtype=None, out=None):
    """The gradient.

    Parameters
    ----------
    query: Real['N', 'D'], (N, D)
    key: Real['N', 'D'], (N, D)
    temperature: Positive, default 0.1
    reduction: for a common interface; the formula spans the batch, so the result is one number
    dtype: the floating-point type of the results; None: that of the inputs
    out: a dict of arrays for the result; None: new ones

    Returns
    -------
    The derivative of the value by each number of the input, shaped like it; a dict by name.

    Raises
    ------
    ValueError
        Where shapes do not fit; where out
        cannot be written into in one piece, or shares memory.
    TypeError
        Where an argument is no array of real numbers, or out is none of the results' type.
    """
    call = Arguments(
        "info_nce",
        False,
        [
            ("query", query, ('N', 'D')),
            ("key", key, ('N', 'D')),
        ],
        None,
        reduction,
        dtype,
        whole=('query', 'key'),
    )
    results = Results(call, ("query", "key"), False, out)
    temperature = results.number(temperature)
    D = call.size("D")
    N = call.size("N")
    query = call.real("query")
    key = call.real("key")
    d = np.arange(D)
    i_range = np.arange(N)
    i2 = np.arange(N)
    sum_1 = np.einsum("ab,bc->ac", key, np.transpose(query, (1, 0)), optimize=True)
    s = np.transpose(sum_1, (1, 0)) / temperature
    place_1 = place_of_largest(s, -1)
    largest_1 = entry_of(s, place_1)
    exp_1 = np.exp(s - largest_1[:, None])
    sum_2 = sum_of_others(exp_1, place_1)
    term_1 = sum_2 + 1.0
    product_1 = exp_1 * (1.0 / term_1[:, None])
    factor_1 = product_1
    entry_1 = key[place_1[:, None], d]
    sum_3 = (
        sum_along((np.transpose(key, (1, 0)) - entry_1[:, :, None]) * factor_1[:, None, :], -1)
    )
    changed_1 = sum_2 / term_1
    factor_2 = (
        chosen(i_range[:, None] == i2, -with_entry(1.0 - product_1, place_1, changed_1),
        product_1)
    )
    sum_4 = (
        np.einsum("ac,bc->ab", np.transpose(factor_2, (1, 0)), np.transpose(query, (1, 0)),
        optimize=True)
    )
    results.put_whole(
        "query", ((entry_1 - key) + sum_3) / temperature / results.arithmetic.type(N)
    )
    results.put_whole("key", sum_4 / temperature / results.arithmetic.type(N))
    return results.derivatives()


@np.errstate(all="ignore")
def value_and_gradient(query, key, *, temperature=0.1, reduction="mean", dtype=None, out=None):
    """The loss and its gradient, in one pass.

    Parameters
    ----------
    query: Real['N', 'D'], (N, D)
    key: Real['N', 'D'], (N, D)
    temperature: Positive, default 0.1
    reduction: for a common interface; the formula spans the batch, so the result is one number
    dtype: the floating-point type of the results; None: that of the inputs
    out: a pair: None; a dict of arrays for the gradient

    Returns
    -------
    The loss: a number.
    The derivative of the value by each number of the input, shaped like it; a dict by name.

    Raises
    ------
    ValueError
        Where shapes do not fit; where out
        cannot be written into in one piece, or shares memory.
    TypeError
        Where an argument is no array of real numbers, or out is none of the results' type.
    """
    call = Arguments(
        "info_nce",
        False,
        [
            ("query", query, ('N', 'D')),
            ("key", key, ('N', 'D')),
        ],
        None,
        reduction,
        dtype,
        whole=('query', 'key'),
    )
    results = Results(call, ("query", "key"), True, out)
    temperature = results.number(temperature)
    D = call.size("D")
    N = call.size("N")
    query = call.real("query")
    key = call.real("key")
    i_range = np.arange(N)
    d = np.arange(D)
    i2 = np.arange(N)
    sum_1 = np.einsum("ac,bc->ab", key, query, optimize=True)
    s = np.transpose(sum_1, (1, 0)) / temperature
    place_1 = place_of_largest(s, -1)
    largest_1 = entry_of(s, place_1)
    exp_1 = np.exp(s - largest_1[:, None])
    sum_2 = sum_of_others(exp_1, place_1)
    sum_3 = sum_along((s[i_range, i_range] - largest_1) - np.log1p(sum_2), -1)
    term_1 = sum_2 + 1.0
    product_1 = exp_1 * (1.0 / term_1[:, None])
    factor_1 = product_1
    entry_1 = key[place_1[:, None], d]
    sum_4 = sum_along((key - entry_1[:, None, :]) * factor_1[:, :, None], -2)
    changed_1 = sum_2 / term_1
    factor_2 = (
        chosen(i_range[:, None] == i2, -with_entry(1.0 - product_1, place_1, changed_1),
        product_1)
    )
    sum_5 = np.einsum("ab,bc->ac", np.transpose(factor_2, (1, 0)), query, optimize=True)
    results.add_whole(-sum_3 / results.arithmetic.type(N))
    results.put_whole(
        "query", ((entry_1 - key) + sum_4) / temperature / results.arithmetic.type(N)
    )
    results.put_whole("key", sum_5 / temperature / results.arithmetic.type(N))
    return results.value(), results.derivatives()


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


# How many bytes of an array are worked on at a time: few enough for a processor's cache, many enough for
# NumPy. Rows take twice as many, for a block of them has statements of its own beside those for its numbers.
BLOCK = 1 << 17

# How many bytes a line of a processor's cache has.
LINE = 64

# Up to how many numbers a call costs more than what it does to them.
FEW = 1024

# From how many numbers on it pays to look where an array begins.
MANY = 8192

# From how many numbers on a row is faster without NumPy's buffer, whose length is a multiple of 16.
ROW = 128

# Up to how many numbers np.add.reduce adds one after the other, too; np.einsum is faster at that.
SHORT = 128

NOTHING = np.empty(0)

# Whole numbers whose bits can stand for those of a floating-point number.
BITS = {DOUBLE: np.int64, SINGLE: np.int32}


class Results:
    """The results of one call: the value, and the derivatives by some tensors; in blocks of examples."""

    __slots__ = (
        "arithmetic arrays call count derived dtype each factor flat given normalizer per_example reduction "
        "sums weight whole wide"
    ).split()

    def __init__(self, call, derived, value, out=None):
        """``derived`` names the tensors; ``value`` says whether the value is a result.

        ``out`` has arrays in the form of what is returned: an array, a dict by name where there are several
        derivatives, a pair where there is a value beside them. None stands for a new array.
        """
        self.call, self.derived, self.reduction, self.count = call, derived, call.reduction, call.count
        self.dtype, self.arithmetic, self.wide = call.dtype, call.arithmetic, call.wide
        self.per_example, self.weight = call.per_example, call.weight
        self.factor = self.normalizer = self.whole = None
        self.given = {}
        self.each = value and call.reduction == "none" and call.per_example
        if out is not None:
            self.given = _given(call, derived, value, self.each, out)
        self.sums, self.arrays = [], {}
        for name in derived:
            given = self.given.get(name)
            self.arrays[name] = np.empty(call.shape(name), call.dtype) if given is None else given
        if self.each:
            given = self.given.get("value")
            self.arrays["value"] = np.empty(call.batch_shape, call.dtype) if given is None else given
        self.flat = self.arrays
        if len(call.batch_shape) != 1:
            shapes = {name: array.shape for name, array in call.arrays.items()} | {"value": -1}
            self.flat = {name: array.reshape(shapes[name]) for name, array in self.arrays.items()}

    def blocks(self, work=0, *axes):
        """Blocks of examples: for each a slice, how many they are, and arrays for what lies in between.

        ``work`` is how many such arrays there are, each with these axes behind that of the examples.
        """
        return blocks_of(self.count, self.arithmetic, work, *axes)

    def cut(self, block):
        """A block of each tensor, in the precision that formulas are computed in."""
        return [self.call.real(name, block) for name in self.call.arrays]

    def number(self, parameter):
        """A hyper-parameter, rounded as the arrays are: an array without axes, which NumPy takes fastest."""
        return np.array(parameter, self.dtype).astype(self.arithmetic, copy=False)

    def normalize(self, normalizer):
        """Let the mean divide by the weighted sum of ``normalizer`` over the examples."""
        self.normalizer = normalizer

    def total(self):
        """What the mean divides by."""
        if self.normalizer is None:
            return self.count if self.weight is None else np.sum(self.weight, dtype=np.float64)
        if self.weight is None:
            return np.sum(np.broadcast_to(self.normalizer, self.count), dtype=np.float64)
        return np.sum(self.weight * self.normalizer, dtype=np.float64)

    def add(self, values, block=ALL):
        """Take in the losses of a block of examples."""
        if self.weight is not None:
            values = np.multiply(self.weight[block], values, dtype=self.wide)
        if self.each:
            self.flat["value"][block] = values
            return
        if type(values) is not np.ndarray or not values.ndim:
            values = np.broadcast_to(values, len(range(self.count)[block]))
        self.sums.append(total_of(values))

    def add_whole(self, value):
        """Take in a term that belongs to the batch and not to an example."""
        self.whole = value

    def put(self, name, values, block=ALL, times=1.0):
        """Take in the derivatives of a block of examples, each by its own loss: ``times`` the values.

        ``times`` is one number, or one for each example.
        """
        target = self.flat[name]
        if block is not ALL:
            target = target[block]
        if self.factor is None:
            total = self.total() if self.reduction == "mean" else 1
            self.factor = self.wide.type(1 / total if total > 0 else 0)
        factor = self.factor * times
        if type(factor) is not float:
            if self.weight is not None:
                factor = factor * self.weight[block]
            factor = np.asarray(factor, self.arithmetic)
            if factor.ndim:
                factor = factor.reshape((-1,) + (1,) * (target.ndim - 1))
        np.multiply(values, factor, target)

    def put_whole(self, name, values):
        """Take in the derivatives of a term that belongs to the batch."""
        np.copyto(self.flat[name], values, casting="same_kind")

    def value(self):
        """The losses put together, as a number, or each for itself."""
        if self.each:
            if self.whole is not None:
                self.flat["value"] += self.dtype.type(self.whole)
            return self.given["value"] if "value" in self.given else self.arrays["value"][()]
        if not self.per_example:
            return self.dtype.type(self.whole)
        value = self.sums[0] if len(self.sums) == 1 else np.add.reduce(np.array(self.sums, self.wide))
        if self.reduction == "mean":
            value = value / self.total()
        value = self.dtype.type(value)
        return value if self.whole is None else value + self.dtype.type(self.whole)

    def derivatives(self):
        """The array, or the arrays by name."""
        if len(self.derived) == 1:
            return self.arrays[self.derived[0]]
        return {name: self.arrays[name] for name in self.derived}


def usual(what, tensors, weight, reduction, dtype, out, least=DOUBLE):
    """The results of the usual call of a function, or None: of whole arrays alike, without weights.

    Nothing has to be arranged then, which for a thousand numbers takes longer than what is computed.
    """
    if weight is not None or reduction not in ("mean", "sum"):
        return None
    first = tensors[0]
    if type(first) is not np.ndarray:
        return None
    shape, kind, count = first.shape, first.dtype, first.size
    if (kind is not DOUBLE and kind is not least) or (dtype is not None and kind != dtype) or not count:
        return None
    for tensor in tensors:
        if (
            type(tensor) is not np.ndarray
            or tensor.dtype is not kind
            or tensor.shape != shape
            or not tensor.flags.c_contiguous
        ):
            return None
    gradient = NOTHING
    if out is not None:
        gradient = _into(what, out)
        if type(gradient) is not np.ndarray or gradient.dtype is not kind:
            return None
        if gradient.shape != shape or len(shape) != 1 or not gradient.flags.carray:
            return None
        for tensor in tensors:
            if np.may_share_memory(gradient, tensor):
                return None
    return Usual(tensors, shape, count, kind, reduction, gradient)


def _into(what, out):
    """The array for the derivative alone."""
    if what == "value_and_gradient":
        return out[1] if type(out) is tuple and len(out) == 2 and out[0] is None else None
    return None if what == "value" else out


class Usual:
    """The results of the usual call of an elementwise loss: what Results does, with nothing to decide.

    A block hands over the derivative last.
    """

    __slots__ = "arithmetic count gradient shape sums tensors total".split()
    wide = DOUBLE

    def __init__(self, tensors, shape, count, dtype, reduction, gradient):
        self.tensors = tensors if len(shape) == 1 else [tensor.reshape(count) for tensor in tensors]
        self.shape, self.count, self.arithmetic, self.gradient, self.sums = shape, count, dtype, gradient, []
        self.total = count if reduction == "mean" else 1

    def blocks(self, work=0):
        """Blocks of examples, as in Results."""
        count, dtype = self.count, self.arithmetic
        if max(work, 1) * count >= MANY:
            return blocks_of(count, dtype, work)
        arrays = [np.empty(count, dtype) for _ in range(work)]
        if arrays and self.gradient is NOTHING:
            self.gradient = arrays[0]  # which comes last, so that it may lie where something else did
        return ((ALL, count, arrays),)

    def cut(self, block):
        """A block of each tensor."""
        return self.tensors if block is ALL else [tensor[block] for tensor in self.tensors]

    def number(self, parameter):
        """A hyper-parameter, rounded as the arrays are: an array without axes, which NumPy takes fastest."""
        return np.array(parameter, self.arithmetic)

    def add(self, values, block):
        """Take in the losses of a block of examples."""
        if type(values) is not np.ndarray or not values.ndim:
            values = np.broadcast_to(values, len(range(self.count)[block]))
        self.sums.append(total_of(values))

    def put(self, name, values, block, times=1.0):
        """Take in the derivatives of a block of examples, each by its own loss: ``times`` the values."""
        if self.gradient is NOTHING:
            self.gradient = np.empty(self.count, self.arithmetic)
        target = self.gradient if block is ALL else self.gradient[block]
        np.multiply(values, 1 / self.total * times, target)

    def value(self):
        """The losses put together, as a number."""
        value = self.sums[0] if len(self.sums) == 1 else np.add.reduce(np.array(self.sums, DOUBLE))
        return self.arithmetic.type(value / self.total)

    def derivatives(self):
        """The array."""
        return self.gradient if len(self.shape) == 1 else self.gradient.reshape(self.shape)


def blocks_of(count, dtype, work, *axes):
    """The blocks of so many examples, with arrays of a format."""
    numbers = product_of(axes) or 1
    step = (2 * BLOCK if axes else BLOCK) // dtype.itemsize // numbers or 1
    n = count
    if count > step:  # of one length, so that none has hardly any examples
        n = -(-count // round(count / step))
    arrays = scratch(work, n * numbers, (n, *axes), dtype)
    blocks = ((ALL, n, arrays),) if n == count > 0 else _blocks(count, n, arrays)
    return unbuffered(blocks, axes[-1]) if axes and axes[-1] >= ROW and n > 1 else blocks


def _blocks(count, step, arrays):
    """Blocks of so many examples; the last may have less."""
    for start in range(0, count, step or 1):
        n = min(step, count - start)
        yield slice(start, start + n), n, arrays if n == step else [array[:n] for array in arrays]


def unbuffered(blocks, length):
    """The blocks, while NumPy's buffer is no longer than a row of them: else it first copies rows into that.

    NumPy does so where one number stands for all of a row, and then takes more than twice as long.
    """
    before = np.getbufsize()
    np.setbufsize(min(before, length // 16 * 16))
    try:
        yield from blocks
    finally:
        np.setbufsize(before)


def _given(call, derived, value, each, out):
    """The caller's arrays by name, checked; ``each`` says that there is a value for each example."""
    loss = call.loss
    shapes = {name: call.shape(name) for name in derived}
    if each:
        shapes["value"] = call.batch_shape
    given = {}
    if value and derived:
        if not isinstance(out, (tuple, list)) or len(out) != 2:
            raise TypeError(f"{loss}: out must be a pair, for the value and for the gradient, or None")
        given["value"], out = out
    elif value:
        given["value"], out = out, None
    if out is not None and len(derived) == 1:
        given[derived[0]] = out
    elif out is not None:
        if not isinstance(out, dict) or not set(out) <= set(derived):
            raise TypeError(f"{loss}: out must be a dict with arrays for {', '.join(derived)}")
        given.update(out)
    given = {name: array for name, array in given.items() if array is not None}
    if "value" in given and "value" not in shapes:
        raise ValueError(f"{loss}: the value is one number here, so that it needs no out")
    for name, array in given.items():
        _check(call, name, array, shapes[name])
        others = [(f"out for {k}", a) for k, a in given.items() if k != name]
        for other, memory in (*call.arrays.items(), *call.given, *others):
            if np.may_share_memory(array, memory):
                raise ValueError(f"{loss}: out for {name} shares memory with {other}")
    return given


def _check(call, name, array, shape):
    """Refuse an array that a result cannot be written into as it is."""
    where = f"{call.loss}: out for {name}"
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{where} must be a NumPy array, not {type(array).__name__}")
    if array.dtype != call.dtype:
        raise TypeError(f"{where} has the type {array.dtype}, expected {call.dtype}")
    if array.shape != shape:
        raise ValueError(f"{where} has shape {array.shape}, expected {shape}")
    if not array.flags.carray:
        raise ValueError(f"{where} must be contiguous (C order), aligned and writeable")


def scratch(arrays, size, shape, dtype):
    """So many arrays of a size and shape. Long ones begin with a line of the cache, where NumPy is faster."""
    made = []
    if arrays * size < MANY:
        for _ in range(arrays):
            made.append(np.empty(shape, dtype))
        return made
    line = LINE // dtype.itemsize
    stride = -(-size // line) * line
    flat = np.empty(arrays * stride + line, dtype)
    start = -flat.__array_interface__["data"][0] % LINE // dtype.itemsize
    for _ in range(arrays):
        made.append(flat[start : start + size].reshape(shape))
        start += stride
    return made


def chosen(condition, a, b):
    """np.where, also fast where a processor cannot guess which way each number goes."""
    size = getattr(condition, "size", 1)
    if size <= FEW and getattr(condition, "ndim", 0) == 1:
        return np.where(condition, a, b)
    holds = np.count_nonzero(condition)
    if holds in (0, size):
        rest = a if holds else b
        if getattr(rest, "shape", None) == np.broadcast(condition, a, b).shape:
            return rest
    real = np.result_type(a, b) if size > FEW else None
    if real not in BITS:
        return np.where(condition, a, b)
    # Bits times 0 or 1, which is exact for every number and NaN.
    a, b = (np.asarray(x, real).view(BITS[real]) for x in (a, b))
    taken = condition.astype(BITS[real])
    if a.ndim == 0 and a == 0:
        taken ^= 1
        a, b = b, a
    alone = b.ndim == 0 and b == 0
    bits = a if alone else a ^ b
    bits = np.multiply(bits, taken, out=taken if bits.shape in ((), taken.shape) else None)
    if not alone:
        bits ^= b
    return bits.view(real)


def or_nan(values, witness):
    """Values, but NaN where another number is."""
    unknown = np.isnan(witness)
    if np.count_nonzero(unknown) or getattr(values, "shape", None) != unknown.shape:
        return np.where(unknown, np.nan, values)
    return values


def total_of(values):
    """The sum, in double precision at least."""
    if values.dtype.itemsize >= 8:
        return np.add.reduce(values)
    if values.size <= FEW:
        return np.add.reduce(values, dtype=np.float64)
    return np.einsum("i->", values, dtype=np.float64)


def rounded(function, array):
    """A function of an array in double precision, rounded once."""
    wide = np.promote_types(array.dtype, np.float64)
    return function(array, out=np.empty_like(array), dtype=wide, casting="same_kind")


def multiple(factor, array):
    """A number times an array: 0 where the number is, but NaN where the array is."""
    if factor == 0:
        return or_nan(np.zeros_like(array), array)
    return array if factor == 1 else factor * array


def product_or_zero(factor, product, other=None):
    """A product that is 0 where ``factor`` is, also if the rest of it is infinite; NaN where ``other`` is."""
    unknown = np.isnan(product)
    if not np.count_nonzero(unknown):
        return product
    nothing = unknown & (factor == 0)
    if other is not None:
        nothing &= ~np.isnan(other)
    return np.where(nothing, product.dtype.type(0), product)


def sum_along(array, axis):
    """The sums along an axis, in double precision at least; those of many numbers by pairs."""
    if axis != -1:
        array = np.ascontiguousarray(np.moveaxis(array, axis, -1))
    if array.dtype == SINGLE:
        return np.einsum("...i->...", array, dtype=np.float64).astype(array.dtype)
    if array.shape[-1] <= SHORT:
        return np.einsum("...i->...", array)
    return np.add.reduce(array, axis=-1)


def place_of_largest(array, axis):
    """np.argmax, which also takes an array without entries."""
    return array.argmax(axis) if array.size else np.zeros(np.delete(array.shape, axis), int)


def entry_of(array, place):
    """The entry of each row, along the last axis, at a place."""
    flat, at = _entries(array, place)
    return flat[at]


def sum_of_others(array, place):
    """The sums of the rows without their entry at a place, or NaN where that is no number."""
    flat, at = _entries(array, place)
    entry = flat[at]
    flat[at] = entry - entry
    total = sum_along(array, -1)
    flat[at] = entry
    return total


def with_entry(array, place, entry, there=None):
    """An array with another entry at a place of each row, or of those rows where it is there."""
    if there is not None and not there.all():
        place = np.where(there, place, 0)
        entry = np.where(there, entry, entry_of(array, place))
    flat, at = _entries(array, place)
    flat[at] = entry
    return array


def _entries(array, place):
    """An array, and an index of it for the entries at a place of each row."""
    if not array.flags.c_contiguous:
        return array, (*np.indices(place.shape, sparse=True), place)
    starts = np.arange(0, array.size, array.shape[-1] or 1)
    return array.reshape(-1), starts.reshape(place.shape) + place
