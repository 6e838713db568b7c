"""gan_discriminator: The discriminator's loss: binary cross-entropy of telling real examples from
    generated ones.

loss of one example = -log(p_real) - log(1 - p_fake)
  where p_real = sigmoid(real_logits)
  where p_fake = sigmoid(fake_logits)
d/dreal_logits = p_real - 1
d/dfake_logits = p_fake

Generated; do not edit. Regenerate with:
    symloss generate gan_discriminator --target numpy

Measured against exact results:
    float64: 10426 results, 0 % beyond the bound; worst 0.68 of the bound, 2.71 ulp (hessian at
        real_logits=0.10323999544609284, fake_logits=-4.632212315811424)
    float32: 11166 results, 0 % beyond the bound; worst 0.47 of the bound, 2.52 ulp (value at
        real_logits=7.80489444732666, fake_logits=-0.6364873647689819)
    symloss certify, seed 0, depth 1
"""

import numpy as np

__all__ = ["value", "gradient", "value_and_gradient", "hessian"]


def value(real_logits, fake_logits, *, weight=None, reduction="mean", dtype=None, out=None):
    """The loss.

    Parameters
    ----------
    real_logits: Real, any shape, the same for all
    fake_logits: Real, any shape, the same for all
    weight: numbers >= 0, one for each example; None: all 1
    reduction: "mean" (of the weighted examples), "sum", or "none" (one result for each example)
    dtype: the floating-point type of the results; None: that of the inputs
    out: with reduction="none" an array for the result

    Returns
    -------
    The loss: a number, or with reduction="none" an array with one entry for each example.

    Raises
    ------
    ValueError
        Where shapes do not fit, a weight is negative, or the weights sum to 0; where out
        cannot be written into in one piece, or shares memory.
    TypeError
        Where an argument is no array of real numbers, or out is none of the results' type.
    """
    call = Arguments(
        "gan_discriminator",
        True,
        [
            ("real_logits", real_logits, ()),
            ("fake_logits", fake_logits, ()),
        ],
        weight=weight,
        reduction=reduction,
        dtype=dtype,
        native=True,
    )
    results = Results(call, (), True, out)
    with np.errstate(all="ignore"):
        work = results.scratch(3)
        for block, n in results.blocks():
            real_logits = call.real("real_logits", block)
            fake_logits = call.real("fake_logits", block)
            work_1, work_2, work_3 = work[:, :n]
            # np.log1p(np.exp(-np.abs(fake_logits))) + np.maximum(0.0, fake_logits) +
            #     (np.log1p(np.exp(-np.abs(real_logits))) - np.minimum(0.0, real_logits))
            np.abs(fake_logits, out=work_1)
            np.negative(work_1, out=work_1)
            np.exp(work_1, out=work_1)
            np.log1p(work_1, out=work_1)
            np.maximum(0.0, fake_logits, out=work_2)
            work_1 += work_2
            np.abs(real_logits, out=work_2)
            np.negative(work_2, out=work_2)
            np.exp(work_2, out=work_2)
            np.log1p(work_2, out=work_2)
            np.minimum(0.0, real_logits, out=work_3)
            work_2 -= work_3
            work_1 += work_2
            results.add(work_1, block)
        return results.value()


def gradient(real_logits, fake_logits, *, weight=None, reduction="mean", dtype=None, out=None):
    """The gradient.

    Parameters
    ----------
    real_logits: Real, any shape, the same for all
    fake_logits: Real, any shape, the same for all
    weight: numbers >= 0, one for each example; None: all 1
    reduction: "mean" (of the weighted examples), "sum", or "none" (one result for each example)
    dtype: the floating-point type of the results; None: that of the inputs
    out: a dict of arrays for the result; None: new ones

    Returns
    -------
    The derivative of the value by each number of the input, shaped like it; a dict by name.

    Raises
    ------
    ValueError
        Where shapes do not fit, a weight is negative, or the weights sum to 0; where out
        cannot be written into in one piece, or shares memory.
    TypeError
        Where an argument is no array of real numbers, or out is none of the results' type.
    """
    call = Arguments(
        "gan_discriminator",
        True,
        [
            ("real_logits", real_logits, ()),
            ("fake_logits", fake_logits, ()),
        ],
        weight=weight,
        reduction=reduction,
        dtype=dtype,
        native=True,
    )
    results = Results(call, ("real_logits", "fake_logits",), False, out)
    with np.errstate(all="ignore"):
        work = results.scratch(3)
        for block, n in results.blocks():
            real_logits = call.real("real_logits", block)
            fake_logits = call.real("fake_logits", block)
            work_1, work_2, work_3 = work[:, :n]
            # exp_1 = np.exp(-np.abs(fake_logits))
            np.abs(fake_logits, out=work_1)
            np.negative(work_1, out=work_1)
            exp_1 = np.exp(work_1, out=work_1)
            # p_fake = np.maximum(exp_1, fake_logits >= 0.0) / (exp_1 + 1.0)
            np.maximum(exp_1, fake_logits >= 0.0, out=work_2)
            np.add(exp_1, 1.0, out=work_1)
            p_fake = np.divide(work_2, work_1, out=work_2)
            # exp_2 = np.exp(-np.abs(real_logits))
            np.abs(real_logits, out=work_1)
            np.negative(work_1, out=work_1)
            exp_2 = np.exp(work_1, out=work_1)
            # np.maximum(exp_2, real_logits <= 0.0) / (exp_2 + 1.0)
            np.maximum(exp_2, real_logits <= 0.0, out=work_3)
            np.add(exp_2, 1.0, out=work_1)
            work_3 /= work_1
            results.put("real_logits", work_3, block, times=-1.0)
            results.put("fake_logits", p_fake, block)
        return results.derivatives()


def value_and_gradient(
    real_logits,
    fake_logits,
    *,
    weight=None,
    reduction="mean",
    dtype=None,
    out=None,
):
    """The loss and its gradient, in one pass.

    Parameters
    ----------
    real_logits: Real, any shape, the same for all
    fake_logits: Real, any shape, the same for all
    weight: numbers >= 0, one for each example; None: all 1
    reduction: "mean" (of the weighted examples), "sum", or "none" (one result for each example)
    dtype: the floating-point type of the results; None: that of the inputs
    out: a pair: an array for the value with reduction="none", else None; a dict of arrays for the gradient

    Returns
    -------
    The loss: a number, or with reduction="none" an array with one entry for each example.
    The derivative of the value by each number of the input, shaped like it; a dict by name.

    Raises
    ------
    ValueError
        Where shapes do not fit, a weight is negative, or the weights sum to 0; where out
        cannot be written into in one piece, or shares memory.
    TypeError
        Where an argument is no array of real numbers, or out is none of the results' type.
    """
    call = Arguments(
        "gan_discriminator",
        True,
        [
            ("real_logits", real_logits, ()),
            ("fake_logits", fake_logits, ()),
        ],
        weight=weight,
        reduction=reduction,
        dtype=dtype,
        native=True,
    )
    results = Results(call, ("real_logits", "fake_logits",), True, out)
    with np.errstate(all="ignore"):
        work = results.scratch(5)
        for block, n in results.blocks():
            real_logits = call.real("real_logits", block)
            fake_logits = call.real("fake_logits", block)
            work_1, work_2, work_3, work_4, work_5 = work[:, :n]
            # exp_1 = np.exp(-np.abs(fake_logits))
            np.abs(fake_logits, out=work_1)
            np.negative(work_1, out=work_1)
            exp_1 = np.exp(work_1, out=work_1)
            # p_fake = np.maximum(exp_1, fake_logits >= 0.0) / (exp_1 + 1.0)
            np.maximum(exp_1, fake_logits >= 0.0, out=work_2)
            np.add(exp_1, 1.0, out=work_3)
            p_fake = np.divide(work_2, work_3, out=work_2)
            # exp_2 = np.exp(-np.abs(real_logits))
            np.abs(real_logits, out=work_3)
            np.negative(work_3, out=work_3)
            exp_2 = np.exp(work_3, out=work_3)
            # np.log1p(exp_1) + np.maximum(0.0, fake_logits) + (np.log1p(exp_2) - np.minimum(0.0,
            #     real_logits))
            np.log1p(exp_1, out=work_1)
            np.maximum(0.0, fake_logits, out=work_4)
            work_1 += work_4
            np.log1p(exp_2, out=work_4)
            np.minimum(0.0, real_logits, out=work_5)
            work_4 -= work_5
            work_1 += work_4
            results.add(work_1, block)
            # np.maximum(exp_2, real_logits <= 0.0) / (exp_2 + 1.0)
            np.maximum(exp_2, real_logits <= 0.0, out=work_1)
            np.add(exp_2, 1.0, out=work_3)
            work_1 /= work_3
            results.put("real_logits", work_1, block, times=-1.0)
            results.put("fake_logits", p_fake, block)
        return results.value(), results.derivatives()


def hessian(real_logits, fake_logits, *, weight=None, reduction="mean", dtype=None, out=None):
    """The second derivatives, number by number.

    Parameters
    ----------
    real_logits: Real, any shape, the same for all
    fake_logits: Real, any shape, the same for all
    weight: numbers >= 0, one for each example; None: all 1
    reduction: "mean" (of the weighted examples), "sum", or "none" (one result for each example)
    dtype: the floating-point type of the results; None: that of the inputs
    out: a dict of arrays for the result; None: new ones

    Returns
    -------
    The second derivative of the value by each number of the input, shaped like it; a dict by name.

    Raises
    ------
    ValueError
        Where shapes do not fit, a weight is negative, or the weights sum to 0; where out
        cannot be written into in one piece, or shares memory.
    TypeError
        Where an argument is no array of real numbers, or out is none of the results' type.
    """
    call = Arguments(
        "gan_discriminator",
        True,
        [
            ("real_logits", real_logits, ()),
            ("fake_logits", fake_logits, ()),
        ],
        weight=weight,
        reduction=reduction,
        dtype=dtype,
    )
    results = Results(call, ("real_logits", "fake_logits",), False, out)
    with np.errstate(all="ignore"):
        work = results.scratch(6)
        for block, n in results.blocks():
            real_logits = call.real("real_logits", block)
            fake_logits = call.real("fake_logits", block)
            work_1, work_2, work_3, work_4, work_5, work_6 = work[:, :n]
            # exp_1 = np.exp(-np.abs(real_logits))
            np.abs(real_logits, out=work_1)
            np.negative(work_1, out=work_1)
            exp_1 = np.exp(work_1, out=work_1)
            term_1 = np.add(exp_1, 1.0, out=work_2)
            # p_real = np.maximum(exp_1, real_logits >= 0.0) / term_1
            np.maximum(exp_1, real_logits >= 0.0, out=work_3)
            p_real = np.divide(work_3, term_1, out=work_3)
            # exp_2 = np.exp(-np.abs(fake_logits))
            np.abs(fake_logits, out=work_4)
            np.negative(work_4, out=work_4)
            exp_2 = np.exp(work_4, out=work_4)
            term_2 = np.add(exp_2, 1.0, out=work_5)
            # p_fake = np.maximum(exp_2, fake_logits >= 0.0) / term_2
            np.maximum(exp_2, fake_logits >= 0.0, out=work_6)
            p_fake = np.divide(work_6, term_2, out=work_6)
            # np.maximum(exp_1, real_logits <= 0.0) * p_real / term_1
            np.maximum(exp_1, real_logits <= 0.0, out=work_1)
            work_1 *= p_real
            work_1 /= term_1
            results.put("real_logits", work_1, block)
            # np.maximum(exp_2, fake_logits <= 0.0) * p_fake / term_2
            np.maximum(exp_2, fake_logits <= 0.0, out=work_4)
            work_4 *= p_fake
            work_4 /= term_2
            results.put("fake_logits", work_4, block)
        return results.derivatives()


class ClassIndexError(IndexError, ValueError):
    """A class index outside its range."""


class Arguments:
    """The arguments of one call: arrays with one batch axis in front, and how to shape the results."""

    def __init__(
        self,
        loss,
        per_example,
        tensors,
        indices=(),
        vectors=(),
        whole=(),
        weight=None,
        reduction="mean",
        dtype=None,
        native=False,
    ):
        """Check and arrange the arguments of ``loss``.

        ``per_example`` says whether there are examples to weigh and to reduce over; ``whole`` names the
        tensors that belong to the batch and not to an example. ``tensors`` are triples (name, array, own
        axes), ``indices`` tuples (name, array, own axes, axis that they index, allowed other value or None),
        and ``vectors`` quadruples (name, array or None, axes, default). ``native`` says that formulas of
        float32 are computed in float32; sums are in double precision nevertheless.
        """
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"{loss}: reduction must be 'mean', 'sum' or 'none', not {reduction!r}")
        if reduction == "none" and per_example and whole:
            raise ValueError(
                f"{loss}: reduction 'none' asks for each example's loss, but the terms with "
                f"{', '.join(whole)} belong to the batch; use 'mean' or 'sum'"
            )
        self.whole = set(whole)
        self.loss, self.per_example, self.reduction = loss, per_example, reduction
        self.sizes, self.arrays, self.given = {}, {}, []
        self._first, self.batch_shape = None, ()
        real = [(name, _numbers(loss, name, array), axes) for name, array, axes in tensors]
        self.dtype = _common_dtype([array for _, array, _ in real]) if dtype is None else np.dtype(dtype)
        for name, array, axes in real:
            self._fit(name, array, axes, self.dtype)
        for name, array, axes, *_ in indices:
            self._fit(name, _whole_numbers(loss, name, array), axes, np.int64)
        given = {axis for _, array, axes, _ in vectors if array is not None for axis in axes}
        for name, _, _, classes, _ in indices:
            if classes not in self.sizes and classes not in given:
                largest = int(self.arrays[name].max(initial=0))
                self.sizes[classes] = (largest + 1, name, self.arrays[name].shape)
        for name, array, axes, default in vectors:
            self._fit_vector(name, array, axes, default)
        for name, _, _, classes, other in indices:
            self._check_range(name, classes, other)
        self.wide = self.dtype if self.dtype.itemsize > 8 else np.dtype(np.float64)
        self.arithmetic = self.dtype if native and self.dtype == np.float32 else self.wide
        self.count = _product(self.batch_shape) if per_example else 1
        self.weight = None if weight is None else self._weights(weight)

    def _fit(self, name, array, axes, dtype):
        """Hold a shape against those before it, and make the batch axes one."""
        batch, per_example = array.ndim - len(axes), name not in self.whole
        if batch < 0 or (batch > 0 and not per_example):
            expected = ", ".join([*(["..."] if per_example else []), *axes])
            raise ValueError(f"{self.loss}: {name} has shape {array.shape}, expected ({expected})")
        lead, own = array.shape[:batch], array.shape[batch:]
        if not per_example:
            lead = self.batch_shape
        elif self._first is None:
            self._first, self.batch_shape = (name, array.shape), lead
        if lead != self.batch_shape:
            raise ValueError(
                f"{self.loss}: {name} of shape {array.shape} does not fit "
                f"{self._first[0]} of shape {self._first[1]}"
            )
        for axis, length in zip(axes, own, strict=True):
            known, where, shape = self.sizes.setdefault(axis, (length, name, array.shape))
            if known != length:
                raise ValueError(
                    f"{self.loss}: the axis {axis} has {known} entries in {where} of shape {shape} "
                    f"but {length} in {name} of shape {array.shape}"
                )
        self.given.append((name, array))
        count = (_product(lead),) if per_example else ()
        self.arrays[name] = np.ascontiguousarray(array, dtype=dtype).reshape(count + own)

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
            also = "" if other is None else f" or {other}"
            raise ClassIndexError(
                f"{self.loss}: {name} has the class index {array[place]}, expected "
                f"{f'0 to {count - 1}' if count else f'none, for the axis {classes} is empty'}{also}"
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
        if not (np.isfinite(weight) & (weight >= 0)).all():
            raise ValueError(f"{self.loss}: a weight must be finite and at least 0")
        with np.errstate(over="ignore"):
            total = weight.sum(dtype=np.float64)
        if weight.size and not 0 < total < np.inf:
            raise ValueError(f"{self.loss}: the weights sum to {total}, expected a finite number above 0")
        return weight

    def real(self, name, block=slice(None)):
        """An array, or a block of its examples, in the precision that formulas are computed in."""
        array = self.arrays[name][block]
        return array if array.dtype == self.arithmetic else array.astype(self.arithmetic)

    def indices(self, name, block=slice(None)):
        """An array of class indices, or a block of its examples."""
        return self.arrays[name][block]

    def number(self, parameter):
        """A hyper-parameter, rounded as the arrays are."""
        return self.arithmetic.type(self.dtype.type(parameter))

    def size(self, axis):
        """The length of an axis."""
        return self.sizes[axis][0]

    def shape(self, name):
        """The shape of what belongs to each number of a tensor."""
        own = self.arrays[name].shape
        return own if name in self.whole else self.batch_shape + own[1:]


def _product(numbers):
    product = 1
    for number in numbers:
        product *= number
    return product


def _asarray(loss, name, array):
    try:
        return np.asarray(array)
    except ValueError as error:
        raise ValueError(f"{loss}: {name} is no array: {error}") from None


def _numbers(loss, name, array):
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


def _common_dtype(arrays):
    """float32 if all that is floating is float32 or smaller, else float64."""
    floating = [array.dtype for array in arrays if array.dtype.kind == "f"]
    return np.dtype(np.float32 if floating and all(d.itemsize <= 4 for d in floating) else np.float64)


# How many bytes of an array are worked on at a time: few enough for a processor's cache, many enough for
# NumPy. Rows take twice as many, for a block of them has statements of its own beside those for its numbers.
BLOCK = 1 << 17

# How many choices np.where makes as fast as any way round it.
FEW = 1024

# Whole numbers whose bits can stand for those of a floating-point number.
BITS = {np.dtype(np.float64): np.int64, np.dtype(np.float32): np.int32}

ALL = slice(None)


class Results:
    """The results of one call: the value, and the derivatives by some tensors."""

    def __init__(self, call, derived, value, out=None):
        """``derived`` names the tensors; ``value`` says whether the value is a result.

        ``out`` has arrays in the form of what is returned: an array, a dict by name where there are several
        derivatives, a pair where there is a value beside them. None stands for a new array.
        """
        self.call, self.derived = call, derived
        self.normalizer = self.factor = self.whole = None
        self.sums = []
        shapes = {name: call.shape(name) for name in derived}
        if value and call.reduction == "none" and call.per_example:
            shapes["value"] = call.batch_shape
        self.given = {} if out is None else _given(call, shapes, derived, value, out)
        self.arrays = {
            name: self.given[name] if name in self.given else np.empty(shape, call.dtype)
            for name, shape in shapes.items()
        }
        self.flat = {
            name: array.reshape(-1 if name == "value" else call.arrays[name].shape)
            for name, array in self.arrays.items()
        }

    def scratch(self, count, *axes):
        """Arrays for what is computed in between, as long as a block of examples with these axes."""
        numbers = 1
        for length in axes:
            numbers *= length
        longest = min(self.call.count, self._step(numbers))
        return np.empty((count, longest, *axes), self.call.arithmetic)

    def blocks(self, numbers=1):
        """Slices of the examples, each of which has about so many numbers, and how many are in a slice."""
        count, step = self.call.count, self._step(numbers)
        for start in range(0, count, step):
            stop = min(start + step, count)
            yield slice(start, stop), stop - start

    def _step(self, numbers):
        """How many examples a block has if each of them has so many numbers."""
        size = BLOCK if numbers == 1 else 2 * BLOCK
        return max(1, size // self.call.arithmetic.itemsize // max(1, numbers))

    def normalize(self, normalizer):
        """Let the mean divide by the weighted sum of ``normalizer`` over the examples."""
        self.normalizer = normalizer

    def total(self):
        """What the mean divides by."""
        call = self.call
        if self.normalizer is None:
            return np.float64(call.count) if call.weight is None else np.sum(call.weight, dtype=np.float64)
        if call.weight is None:
            return np.sum(np.broadcast_to(self.normalizer, call.count), dtype=np.float64)
        return np.sum(call.weight * self.normalizer, dtype=np.float64)

    def add(self, values, block=ALL):
        """Take in the losses of a block of examples."""
        call = self.call
        if call.weight is not None:
            values = np.multiply(call.weight[block], values, dtype=call.wide)
        if "value" in self.flat:
            self.flat["value"][block] = values
            return
        if not getattr(values, "ndim", 0):
            values = np.broadcast_to(values, len(range(call.count)[block]))
        self.sums.append(np.add.reduce(values, dtype=call.wide))

    def add_whole(self, value):
        """Take in a term that belongs to the batch and not to an example."""
        self.whole = value

    def put(self, name, values, block=ALL, times=1.0):
        """Take in the derivatives of a block of examples, each by its own loss: ``times`` the values."""
        call, target = self.call, self.flat[name][block]
        if self.factor is None:
            total = self.total() if call.reduction == "mean" else 1
            self.factor = 1 / total if total > 0 else 0
        factor = np.asarray(self.factor * times, call.wide)
        if call.weight is not None:
            factor = (factor * call.weight[block]).reshape((-1,) + (1,) * (target.ndim - 1))
        factor = factor.astype(call.arithmetic)
        np.multiply(factor, values, out=target, casting="same_kind")

    def put_whole(self, name, values):
        """Take in the derivatives of a term that belongs to the batch."""
        np.copyto(self.flat[name], values, casting="same_kind")

    def value(self):
        """The losses put together, as a number, or each for itself."""
        call = self.call
        if "value" in self.flat:
            if self.whole is not None:
                self.flat["value"] += call.dtype.type(self.whole)
            return self.given["value"] if "value" in self.given else self.arrays["value"][()]
        if not call.per_example:
            return call.dtype.type(self.whole)
        value = self.sums[0] if len(self.sums) == 1 else np.add.reduce(np.array(self.sums, call.wide))
        if call.reduction == "mean":
            value = value / self.total()
        value = call.dtype.type(value)
        return value if self.whole is None else value + call.dtype.type(self.whole)

    def derivatives(self):
        """The array, or the arrays by name."""
        if len(self.derived) == 1:
            return self.arrays[self.derived[0]]
        return {name: self.arrays[name] for name in self.derived}


def _given(call, shapes, derived, value, out):
    """The caller's arrays by name, checked."""
    loss = call.loss
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
        others = [*call.given, *((f"out for {k}", a) for k, a in given.items() if k != name)]
        for other, memory in others:
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


def chosen(condition, a, b):
    """np.where, also fast where a processor cannot guess which way each number goes."""
    size = getattr(condition, "size", 1)
    if max(size, getattr(a, "size", 1), getattr(b, "size", 1)) <= FEW:
        return np.where(condition, a, b)
    holds = np.count_nonzero(condition)
    if holds in (0, size):
        rest = a if holds else b
        if getattr(rest, "shape", None) == np.broadcast(condition, a, b).shape:
            return rest
    real = np.result_type(a, b)
    if size <= FEW or not size < 16 * holds < 15 * size or real not in BITS:
        return np.where(condition, a, b)
    # Bits are chosen by a mask of all ones or all zeros, which is exact for every number and NaN.
    bits, narrow = BITS[real], condition.view(np.int8)
    a, b = (np.asarray(x, real).view(bits) for x in (a, b))
    if a.ndim == 0 and a == 0:
        return (b & (narrow - np.int8(1)).astype(bits)).view(real)
    mask = (-narrow).astype(bits)
    return ((a & mask) if b.ndim == 0 and b == 0 else (a ^ b) & mask ^ b).view(real)


def rounded(function, array):
    """A function of an array in double precision, rounded once."""
    return function(array, dtype=np.result_type(array, np.float64)).astype(array.dtype, copy=False)


def zero_or_nan(witness):
    """0, but NaN where another number is."""
    return np.where(np.isnan(witness), np.nan, np.zeros_like(witness))


def multiple(factor, array):
    """A number times an array: 0 where the number is, but NaN where the array is."""
    if factor == 0:
        return zero_or_nan(array)
    return array if factor == 1 else factor * array


def finite(*arrays):
    """Whether every number is finite, so that 0 times what is made of them is 0."""
    return all(np.isfinite(array).all() for array in arrays)


def product_or_zero(factor, product, other=None):
    """A product that is 0 where ``factor`` is, also if the rest of it is infinite; NaN where ``other`` is."""
    unknown = np.isnan(product)
    if not unknown.any():
        return product
    nothing = unknown & (factor == 0)
    if other is not None:
        nothing &= ~np.isnan(other)
    return np.where(nothing, product.dtype.type(0), product)


def sum_along(array, axis):
    """The sum by pairs, for which an axis is moved to the end, and in double precision at least."""
    if axis != -1:
        array = np.ascontiguousarray(np.moveaxis(array, axis, -1))
    if array.dtype.itemsize >= 8:
        return np.add.reduce(array, axis=-1)
    return np.add.reduce(array, axis=-1, dtype=np.float64).astype(array.dtype)


def place_of_largest(array, axis):
    """np.argmax, which also takes an array without entries."""
    return np.argmax(array, axis=axis) if array.size else np.zeros(np.delete(array.shape, axis), int)


def entry_of(array, place):
    """The entry of each row, along the last axis, at a place."""
    flat, at = _entries(array, place)
    return flat[at]


def sum_of_others(array, place):
    """The sums of the rows without their entry at a place, which is taken out and put back."""
    flat, at = _entries(array, place)
    entry = flat[at]
    flat[at] = 0
    total = sum_along(array, -1)
    flat[at] = entry
    return total


def with_entry(array, place, entry, there=True):
    """An array with another entry at a place of each row, or of those rows where it is there."""
    if not np.all(there):
        place = np.where(there, place, 0)
        entry = np.where(there, entry, entry_of(array, place))
    flat, at = _entries(array, place)
    flat[at] = entry
    return array


def _entries(array, place):
    """An array, and an index of it for the entries at a place of each row."""
    if not array.flags.c_contiguous:
        return array, (*np.indices(place.shape, sparse=True), place)
    return array.reshape(-1), np.arange(0, array.size, max(1, array.shape[-1])).reshape(place.shape) + place
