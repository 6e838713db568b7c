"""The command ``symloss``: what it is called with, and what becomes of errors."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from symloss import __version__

__all__ = ["COMMANDS", "main"]

COMMANDS = ("list", "show", "review", "recommend", "generate", "handbook", "certify", "verify", "docs")
"""In the order of the help. Each is a module of symloss.commands that has HELP, arguments(parser) and run(chosen)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 when all went well, 1 when a check failed, 2 for a wrong request."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a letter gets its code, and no traceback
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            chosen = _parser().parse_args(arguments)
            return chosen.run(chosen)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # what was printed may only now meet a full disk or a reader that has left
    except BrokenPipeError:
        _silenced()
        return 0
    except KeyboardInterrupt:
        return 130
    except (ValueError, LookupError, OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.filename is None and error.errno == errno.ENOSPC:
            _silenced()
        print(f"symloss: {_said(error)}", file=sys.stderr)
        return 2


def _said(error: Exception) -> object:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the output cannot be written'}: {error.strerror}"
    return error.args[0] if isinstance(error, KeyError) and error.args else error


def _silenced() -> None:
    """Let the interpreter not try again, at its end, what could not be printed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="symloss", allow_abbrev=False, description="Derive, document and generate loss functions."
    )
    parser.add_argument("--version", action="version", version=f"symloss {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    for name in COMMANDS:
        command = import_module(f"symloss.commands.{name}")
        one = commands.add_parser(name, help=command.HELP, allow_abbrev=False)
        command.arguments(one)
        one.set_defaults(run=command.run)
    return parser
