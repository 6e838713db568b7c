"""The same input gives the same bits: in a fresh process, with other thread counts, and from many threads at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from helpers import BACKENDS, NAMES, draw, kernel, quick

import symloss
from symloss.derive import vectors_of

THREADS = 8


def results(name: str, backend: str, seed: int, n: int = 5) -> dict[str, np.ndarray]:
    """What every function of a loss returns for a seeded input, by the name of the function and of the tensor."""
    loss, k = symloss.get(name), kernel(name, backend)
    sizes = {axis: 16 + 5 * place for place, axis in enumerate(loss.axes)}
    arrays, parameters = draw(loss, seed, n, sizes=sizes, off_default=True)
    vectors = {v.name: arrays[w] for v, w in zip(vectors_of(loss), loss.differentiated, strict=True)}
    found: dict[str, np.ndarray] = {}
    for what in k.functions:
        given = {**arrays, **(vectors if what == "hessian_vector_product" else {})}
        returned = getattr(k, what)(**given, **parameters)
        for place, part in enumerate(returned if isinstance(returned, tuple) else (returned,)):
            parts = part if isinstance(part, dict) else {"": part}
            found |= {f"{what}[{place}] {key}": np.asarray(array) for key, array in parts.items()}
    return found


PROGRAM = """
import hashlib, json, sys
from faults.test_repeatability import results
from helpers import kernel

def digest(data):
    return hashlib.sha256(data).hexdigest()

made = {}
for name in sys.argv[1:]:
    for backend in ("numpy", "c"):
        made[f"{name} {backend}: source"] = digest(kernel(name, backend).source.encode())
        for n in (5, 700):
            for key, array in results(name, backend, 1, n).items():
                made[f"{name} {backend}, n = {n}: {key}"] = digest(array.tobytes())
print(json.dumps(made))
"""


def digests(cache: Path, hash_seed: int, threads: int, names) -> dict[str, str]:
    """Of every source and every result, in a process of their own."""
    tests = str(Path(__file__).resolve().parent.parent)
    limits = {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "OPENBLAS", "MKL")}
    environment = {
        **os.environ,
        **limits,
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONPATH": tests,
        "SYMLOSS_CACHE": str(cache / str(hash_seed)),
    }
    command = [sys.executable, "-c", PROGRAM, *names]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.mark.slow
def test_bits_from_process_to_process(tmp_path):
    """Sources too: SymPy's order of arguments depends on names alone, not on the hashes of one process."""
    ways = [(0, 1), (4242, 8)]
    with ThreadPoolExecutor(2) as pool:
        first, *others = pool.map(lambda way: digests(tmp_path, *way, NAMES), ways)
    assert len(first) > 10 * len(NAMES)
    for other in others:
        assert not [key for key in first if first[key] != other[key]]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", quick(NAMES, "huber"))
def test_bits_from_many_threads(name, backend):
    """A kernel keeps nothing between calls: threads with different data do not see one another's."""
    serial = [results(name, backend, seed, 40) for seed in range(THREADS)]
    start = threading.Barrier(THREADS)

    def one(seed: int) -> list[dict[str, np.ndarray]]:
        start.wait()
        return [results(name, backend, seed, 40) for _ in range(2)]

    with ThreadPoolExecutor(THREADS) as pool:
        parallel = list(pool.map(one, range(THREADS)))
    for expected, repeated in zip(serial, parallel, strict=True):
        for got in repeated:
            assert {k: a.tobytes() for k, a in got.items()} == {k: a.tobytes() for k, a in expected.items()}
