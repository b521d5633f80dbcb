"""The `drydock` command: the tasks as a program of their own, for any repository. Wrong use is 2, Ctrl-C is 130."""

import os
import sys

from invoke.exceptions import Exit, ParseError, UnexpectedExit
from invoke.program import Program

from drydock import __version__
from drydock.console import Console
from drydock.errors import INTERRUPTED, STARTED_AS, Misuse
from drydock.tasks import namespace


class Drydock(Program):
    """Invoke's program with our exit codes; Invoke itself answers wrong use and Ctrl-C with 1."""

    def run(self, argv: list[str] | None = None, exit: bool = True) -> None:
        """Run the tasks that argv names and, if `exit`, leave with the exit code."""
        code = self.code(argv)
        if exit:
            sys.exit(code)

    def code(self, argv: list[str] | None = None) -> int:
        """Run the tasks that argv names; the exit code."""
        try:
            self.create_config()
            self.parse_core(argv)
            self.parse_collection()
            self.parse_tasks()
            self.parse_cleanup()
            self.update_config()
            self.execute()
        except ParseError as error:
            task = f" {error.context.name}" if error.context and error.context.name else ""
            problem = Misuse(str(error), remedy=f"drydock --help{task}")
            Console.of(os.environ).problem(problem)
            return problem.code
        except Exit as left:
            if left.message:
                sys.stderr.write(f"{left.message}\n")
            return int(left.code)
        except UnexpectedExit as failed:
            return int(failed.result.exited)
        except KeyboardInterrupt:
            Console.of(os.environ).interrupted()
            return INTERRUPTED
        return 0


def program() -> Drydock:
    """The command as a value, so that tests can ask it for exit codes."""
    return Drydock(name="Drydock", binary="drydock", version=__version__, namespace=namespace)


def main() -> None:
    """Run `drydock` with the words of the command line."""
    os.environ[STARTED_AS] = "drydock"
    program().run(["drydock", *sys.argv[1:]])
