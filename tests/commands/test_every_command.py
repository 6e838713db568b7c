"""Every module of a command can be called by its name."""

import pkgutil
from importlib import import_module

import pytest

from symloss import commands
from symloss.cli import COMMANDS, main

MODULES = [import_module(f"symloss.commands.{m.name}") for m in pkgutil.iter_modules(commands.__path__)]


def test_every_module_that_has_help_is_a_command():
    assert {m.__name__.rpartition(".")[2] for m in MODULES if hasattr(m, "HELP")} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"symloss {name}" in capsys.readouterr().out
