"""The command `sigrisk`: parse, call, print. Each command is imported when it is asked for."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click

from commands.common import INSIDE, stop

COMMANDS = {
    "assess": "commands.asking", "why": "commands.asking", "demo": "commands.asking",
    "why-not": "commands.supposing", "what-if": "commands.supposing",
    "timeline": "commands.overtime", "compare": "commands.overtime",
    "case": "commands.dossier",
    "check": "commands.checking", "explain-code": "commands.checking", "test": "commands.writing",
    "trace": "commands.proof", "receipt": "commands.proof", "verify": "commands.proof",
    "rule": "commands.knowledge", "seed": "commands.knowledge",
}
"""Where each command is written; the function has the command's name."""


class Lazy(click.Group):
    """A group that imports a command only when it runs, or when help lists it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        found = getattr(import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        assert isinstance(found, click.Command)
        return found


@click.group(cls=Lazy, epilog="Examples:  sigrisk demo   |   sigrisk why examples/ashby.yaml   |   "
                              "sigrisk why examples/northamptonshire.yaml --as-at 2018-11-30 --picture chain.svg")
@click.version_option(package_name="signatures-of-risk", prog_name="sigrisk")
def sigrisk() -> None:
    """How signs of risk combine, and why: never a score, a rank or a forecast."""


def main() -> None:
    """Runs the command; a mistake inside the program is one line, with a traceback only where asked for."""
    gc.disable()  # one short answer and out: collecting cycles on the way would cost a tenth of the time
    for stream in (s for s in (sys.stdout, sys.stderr) if hasattr(s, "reconfigure")):
        stream.reconfigure(errors="replace")
    try:
        sigrisk.main(standalone_mode=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except Exception as error:
        if "SIGRISK_DEBUG" in os.environ:
            raise
        stop([f"sigrisk: a mistake inside the program ({type(error).__name__}: {error}); "
              "SIGRISK_DEBUG=1 shows where, please report it"], INSIDE)


if __name__ == "__main__":
    main()
