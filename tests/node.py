"""The generated JavaScript as a kernel: Node runs it, numbers go there and back as text that loses nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symloss.backends import javascript

SERVER = """
const readline = require("readline");
const number = (x) => Array.isArray(x) ? x.map(number) : x === null ? null : Number(x);
const text = (x) => typeof x === "number" ? (Object.is(x, -0) ? "-0" : String(x))
    : Array.isArray(x) || ArrayBuffer.isView(x) ? Array.from(x, text)
    : Object.fromEntries(Object.entries(x).map(([name, y]) => [name, text(y)]));
readline.createInterface({ input: process.stdin }).on("line", async (line) => {
    const asked = JSON.parse(line);
    let answer;
    try {
        const module = await import(asked.path);
        const options = Object.fromEntries(Object.entries(asked.numbers).map(([name, x]) => [name, number(x)]));
        const result = module[asked.what](...asked.tensors.map(number), { ...options, ...asked.words });
        answer = { result: text(result) };
    } catch (error) {
        answer = { error: `${error.name}: ${error.message}` };
    }
    process.stdout.write(JSON.stringify(answer) + "\\n");
});
"""


def needs_node() -> None:
    """Skip the test where there is no Node."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")


@cache
def _server() -> subprocess.Popen:
    return subprocess.Popen(["node", "-e", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class NodeKernel:
    """What ``load`` gives for other backends."""

    backend = "javascript"
    dtype = np.dtype(np.float64)

    def __init__(self, loss, folder: Path):
        self.loss = loss
        self.path = folder / f"{loss.name}.mjs"
        self.path.write_text(javascript.render(loss, "a test")[".mjs"], encoding="utf-8")

    def __getattr__(self, what: str):
        if what not in ("value", "gradient", "value_and_gradient", "hessian", "hessian_vector_product"):
            raise AttributeError(what)
        return lambda **arguments: self._call(what, arguments)

    def _call(self, what: str, arguments: dict[str, Any]) -> Any:
        words = {"reduction": arguments.pop("reduction", "mean")}
        options = {p.name for p in self.loss.parameters} | {"weight"}
        given = {k: _text(v) for k, v in arguments.items() if k in options and v is not None}
        order = [i.name for i in self.loss.inputs] + [k for k in arguments if k.startswith("vector")]
        asked = {
            "path": self.path.as_uri(),
            "what": what,
            "tensors": [_text(arguments[name]) for name in order],
            "numbers": given,
            "words": words,
        }
        server = _server()
        assert server.stdin is not None and server.stdout is not None
        server.stdin.write(json.dumps(asked) + "\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        if what == "value_and_gradient":
            return tuple(map(_array, answer["result"]))
        return _array(answer["result"])


def _text(x: Any) -> Any:
    if isinstance(x, list):
        return [_text(y) for y in x]
    if isinstance(x, np.ndarray):
        return _text(x.tolist())
    return repr(float(x)).replace("inf", "Infinity").replace("nan", "NaN")


def _array(x: Any) -> Any:
    if isinstance(x, dict):
        return {name: _array(y) for name, y in x.items()}
    array = np.array(x)
    return array.astype(np.float64) if array.size else np.zeros(array.shape)
