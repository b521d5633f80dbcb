"""The `drydock` command: the tasks as a program of their own, for any repository. Wrong use is 2, Ctrl-C is 130."""

import gc
import os
import sys

from drydock import __version__
from drydock.console import Console, hush
from drydock.errors import INTERRUPTED, STARTED_AS, Misuse
from drydock.sparing import sparing

with sparing():
    from invoke.exceptions import Exit, ParseError, UnexpectedExit
    from invoke.program import Program

    from drydock.tasks import namespace

DEV = """\
./dev makes .venv from the lock where that is not done yet, then does what it is told:

  ./dev test          what CI runs: all nox sessions
  ./dev nox WORDS     nox with these words, such as -s lint
  ./dev TASK FLAGS    a task of those below; ./dev --help TASK shows its flags
  --yes               anywhere: install and start what is missing without asking
  --dry               before a task: show commands that change something, and name files, instead of running and writing
"""


class Drydock(Program):
    """Invoke's program with our exit codes; Invoke itself answers wrong use and Ctrl-C with 1.

    `about` takes the place of Invoke's own flags in the help.
    """

    about = ""

    def run(self, argv: list[str] | None = None, exit: bool = True) -> None:
        """Run the tasks that argv names and, if `exit`, leave with the exit code."""
        code = self.code(argv)
        if exit:
            gc.freeze()  # else Python looks through all that is left before it ends, a seventh of an audit's time
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
            problem = Misuse(str(error), remedy=f"{self.binary} --help{task}")
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

    def parse_cleanup(self) -> None:
        """Show the help or list that is asked for, as far as its reader, such as head, wants it."""
        try:
            try:
                super().parse_cleanup()
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            hush(sys.stdout)
            raise Exit from None

    def print_help(self) -> None:
        """Show what the words of the command line can be."""
        if not self.about:
            super().print_help()
            return
        sys.stdout.write(f"{self.about}\n")
        self.list_tasks()


def program() -> Drydock:
    """The command as a value, so that tests can ask it for exit codes."""
    return Drydock(name="Drydock", binary="drydock", version=__version__, namespace=namespace)


def main() -> None:
    """Run `drydock` with the words of the command line."""
    os.environ[STARTED_AS] = "drydock"
    program().run(["drydock", *sys.argv[1:]])


def dev() -> None:
    """Run `./dev` with the words of the command line that are for neither it nor nox."""
    made = Drydock(name="Drydock", binary=os.environ.get(STARTED_AS, "./dev"), version=__version__, namespace=namespace)
    made.about = DEV.replace("./dev", made.binary)
    made.run(["dev", *sys.argv[1:]])
