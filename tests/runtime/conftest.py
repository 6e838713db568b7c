"""What tests of the runtime share."""

from __future__ import annotations

import pytest

from symloss.runtime import compiler


@pytest.fixture
def fresh_cache(tmp_path, monkeypatch):
    """An empty cache, and a compiler that takes no pains, for what it makes is not what is tested here."""
    monkeypatch.setattr(compiler, "FLAGS", tuple("-O0" if f == "-O3" else f for f in compiler.FLAGS))
    folder = tmp_path / "cache"
    monkeypatch.setenv("SYMLOSS_CACHE", str(folder))
    return folder
