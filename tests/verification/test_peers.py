"""Other libraries' gradients: what the trees tell is what the objectives compute."""

import numpy as np
import pytest
from helpers import Reference, draw
from verification.peers import PEERS

import symloss

TREES = [n for n, p in PEERS.items() if p.library in ("XGBoost", "LightGBM")]


def function_of(peer):
    pytest.importorskip(peer.module, reason=f"{peer.library} is not installed (pip install '.[peers]')")
    return peer.function()


@pytest.mark.slow
@pytest.mark.parametrize("name", TREES)
def test_trees_tell_gradients(name):
    peer = PEERS[name]
    function = function_of(peer)
    loss = peer.declared
    arrays, _ = draw(loss, seed=2, n=5)
    raw, target = (arrays[i.name] for i in loss.inputs[:2])
    if loss.inputs[1].domain.name == "Probability":
        arrays[loss.inputs[1].name] = target = np.round(target)
    got = function((target + 1) / 2 if loss.inputs[1].domain.values == (-1, 1) else target, raw)
    got = got[0] if isinstance(got, tuple) else got
    reference = Reference(loss, arrays)
    places = reference.places(loss.inputs[0].name)
    exact = [
        [float(reference.slopes(row, loss.inputs[0].name, place)[1]) for place in places]
        for row in reference.rows
    ]
    half = 0.5 if peer.loss == "mean_squared_error" else 1.0
    assert np.allclose(np.reshape(got, np.shape(exact)), half * np.array(exact), rtol=1e-5, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("name", PEERS)
def test_verdict(name):
    peer = PEERS[name]
    report = symloss.verify(function_of(peer), peer.declared, **peer.options)
    assert report.verdict == peer.verdict, str(report)
    assert set(peer.kinds) <= {f.kind for f in report.findings}, str(report)
