"""The command `sigrisk`: parse, call, print. Each command is imported when it is asked for."""

from __future__ import annotations

import gc
import os
import signal
import sys
from importlib import import_module
from keyword import iskeyword
from typing import Any, NoReturn

import click

from commands.common import FINDINGS, INSIDE, USAGE, stop

COMMANDS = {
    "assess": "commands.asking", "why": "commands.asking", "demo": "commands.asking",
    "why-not": "commands.supposing", "what-if": "commands.supposing", "levers": "commands.supposing",
    "fragile": "commands.firmness",
    "timeline": "commands.overtime", "compare": "commands.overtime",
    "enquire": "commands.enquiring",
    "report": "commands.reporting",
    "screen": "commands.screening", "backtest": "commands.backtesting",
    "case": "commands.dossier",
    "check": "commands.checking", "explain-code": "commands.checking", "test": "commands.testing",
    "new": "commands.new", "init": "commands.init", "fmt": "commands.desk", "schema": "commands.desk",
    "impact": "commands.weighing",
    "trace": "commands.proof", "verify": "commands.proof",
    "import": "commands.importing", "thresholds": "commands.importing",
    "rule": "commands.knowledge", "seed": "commands.knowledge", "rulebook": "commands.book",
    "exercise": "commands.exercising",
    "serve": "commands.serving",
}
"""Where each command is written; the function has the command's name, with _ behind a word that Python keeps."""


SIGNALLED = 128
"""What shells add to the number of the signal that ended a program."""


class Lazy(click.Group):
    """A group that imports a command only when it runs, or when help lists it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or a usage error with the nearest one."""
        if cmd_name not in COMMANDS:
            from kb.problems import did_you_mean

            nearest = did_you_mean(cmd_name, COMMANDS)
            ctx.fail(f"there is no command {cmd_name!r}{'; ' if nearest else ''}{nearest}")
        function = cmd_name.replace("-", "_") + "_" * iskeyword(cmd_name)
        found = getattr(import_module(COMMANDS[cmd_name]), function)
        assert isinstance(found, click.Command)
        return found

    def main(self, *args: Any, **extra: Any) -> Any:
        """Runs the command and ends; a question that cannot be asked is one line."""
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except click.UsageError as error:
            self.refuse(error)
        except click.Abort:
            stop(["sigrisk: stopped"], FINDINGS)
        raise SystemExit(code if isinstance(code, int) else 0)

    def refuse(self, error: click.UsageError) -> NoReturn:
        """What is wrong with a question, and where its help is; a group asked for nothing shows its help."""
        said = " ".join(error.format_message().split())
        path = error.ctx.command_path if error.ctx else "sigrisk"
        if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
            stop([error.format_message()], USAGE)
        stop([f"sigrisk: {said[:1].lower()}{said[1:].rstrip('.')} ({path} --help says more)"], USAGE)


@click.group(cls=Lazy, epilog="Examples:  sigrisk demo   |   sigrisk why examples/ashby.yaml   |   "
                              "sigrisk why examples/northamptonshire.yaml --as-at 2018-11-30 --picture chain.svg")
@click.version_option(package_name="signatures-of-risk", prog_name="sigrisk")
def sigrisk() -> None:
    """How signs of risk combine, and why: never a score, a rank or a forecast."""


def told_to_stop(number: int, _frame: object) -> NoReturn:
    """Ends the program as an error would, so that nothing half-written is left behind; a second order is not heard."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(SIGNALLED + number)


def main() -> None:
    """Runs the command; a mistake inside the program is one line, with a traceback only where asked for."""
    gc.disable()  # one short answer and out: collecting cycles on the way would cost a tenth of the time
    for stream in (s for s in (sys.stdout, sys.stderr) if hasattr(s, "reconfigure")):
        stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, told_to_stop)
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
    finally:
        gc.freeze()  # nor at the end: looking for cycles in all that is left would cost as much as an engine


if __name__ == "__main__":
    main()
