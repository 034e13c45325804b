"""The program: commands loaded when they are asked for, and every ending turned into words and an exit code.

0    done
1    the answer is no, explained
2    bad input, or a place that cannot be read or written
70   a fault of lustrum itself (with its traceback, to be reported)
130  stopped with Ctrl-C
141  the output pipe was closed
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from lustrum.errors import BadInput, LustrumError, Refused

#: Command -> module that holds it, and its name there, in the order of a planner's work.
COMMANDS = {
    "new": "lustrum.cli.workspace:new",
    "plan": "lustrum.cli.plan",
    "whatif": "lustrum.cli.whatif",
    "economy": "lustrum.cli.economy",
    "show": "lustrum.cli.show",
    "verify": "lustrum.cli.verify",
    "congress": "lustrum.cli.congress",
    "migrate": "lustrum.cli.workspace:migrate",
    "demo": "lustrum.cli.demo",
    "schema": "lustrum.cli.plan_file:schema",
    "parameters": "lustrum.cli.plan_file:parameters",
    "doctor": "lustrum.cli.doctor",
}

BAD_INPUT, FAULT, STOPPED, READER_GONE = 2, 70, 130, 141


class ReaderGone(Exception):
    """The other end of our output was closed."""


class Program(click.Group):
    """A group that imports a command only when it is needed, and that always ends in words."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name or "command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], list(COMMANDS), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Commands: {', '.join(COMMANDS)}."
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
            return value
        except BrokenPipeError:
            raise ReaderGone from None

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        extra["complete_var"] = complete_var
        if not standalone_mode:
            return super().main(args, prog_name, standalone_mode=False, **extra)
        given = sys.argv[1:] if args is None else list(args)
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, LookupError):
                _degrade(stream)
        sys.exit(self._run(given, prog_name or "lustrum", extra))

    def _run(self, args: list[str], prog_name: str, extra: dict[str, Any]) -> int:
        as_json = "--json" in args
        try:
            value = super().main(args, prog_name, standalone_mode=False, **extra)
            sys.stdout.flush()
            return value if isinstance(value, int) else 0
        except LustrumError as e:
            return _say(e, str(e), e.exit_code, as_json)
        except click.UsageError as e:
            hint = f"\n  mend:     see `{e.ctx.command_path} --help`" if e.ctx else ""
            return _say(e, e.format_message() + hint, BAD_INPUT, as_json)
        except click.ClickException as e:
            return _say(e, e.format_message(), BAD_INPUT, as_json)
        except (click.Abort, KeyboardInterrupt) as e:
            code = _say(e, "stopped; what was saved before is whole, nothing else was written", STOPPED, as_json)
            from lustrum.cli.output import end_now

            end_now(code)
            return code
        except (ReaderGone, BrokenPipeError):
            _silence()
            return READER_GONE
        except OSError as e:
            where = f"{e.filename}: " if e.filename else ""
            mend = "see whether the folder is there and may be written to, and whether the disk has room"
            return _say(e, f"{where}{e.strerror or e}\n  mend:     {mend}", BAD_INPUT, as_json)
        except MemoryError as e:
            text = "not enough memory\n  mend:     close other programs, or plan fewer years or sectors"
            return _say(e, text, BAD_INPUT, as_json)
        except Exception as e:
            traceback.print_exc()
            text = "this is a fault of lustrum, not of your input; please report it with the lines above"
            return _say(e, text, FAULT, as_json)


def _degrade(stream: Any) -> None:
    """Let an output that cannot show a character show a plain one, rather than fail."""
    if (stream.encoding or "").lower().replace("-", "") != "utf8":
        import lustrum.reporting.layout  # noqa: F401 - registers the plain stand-ins

        stream.reconfigure(errors="lustrum")


def _say(error: BaseException, text: str, code: int, as_json: bool) -> int:
    """Print an error: to stderr, or as the one JSON document on stdout."""
    try:
        if as_json:
            content: dict[str, Any] = {"kind": type(error).__name__, "exit_code": code, "message": text}
            if isinstance(error, (BadInput, Refused)):
                content |= {
                    "what": error.what,
                    "where": error.where,
                    "expected": error.expected,
                    "mend": error.mend,
                    "found": None if error.found is None else str(error.found),
                }
            sys.stdout.write(json.dumps({"error": content}, indent=1) + "\n")
            sys.stdout.flush()
        else:
            sys.stderr.write(f"error: {text}\n")
            sys.stderr.flush()
    except OSError:
        _silence()
    return code


def _silence() -> None:
    """Send what is still buffered nowhere, so that Python does not complain at exit."""
    out = sys.__stdout__
    if out is not None and sys.stdout is out:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


@click.command(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with:  lustrum demo",
)
@click.version_option(package_name="lustrum", message="%(prog)s %(version)s")
def cli() -> None:
    """Plans for economies: accounts in, a certified five-year plan out.

    `lustrum new` makes a workspace, `lustrum plan` solves it, `lustrum show` and `lustrum verify` read
    the plan back and check it. Every command takes --json.

    Exit codes: 0 done; 1 the answer is no, explained; 2 bad input, with the place and the mend.
    """


def main() -> None:
    """Run the command line."""
    cli.main()
