"""The face of every task: exit codes, roots, and help."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from invoke.collection import Collection
from invoke.program import Program

from drydock import command, tasks
from drydock.errors import Failed, Misuse, NotReady, Problem, Shortfall


def run(body: Callable[..., int | None], *words: str, settings: dict[str, Any] | None = None) -> int:
    """Run a task made of `body` by Invoke; the code it leaves with."""
    namespace = Collection(tasks.verb()(body))
    namespace.configure(settings or {})
    try:
        Program(namespace=namespace, binary="inv").run(["inv", *words, body.__name__])
    except SystemExit as left:
        return int(left.code or 0)
    return 0


@pytest.mark.parametrize(("kind", "code"), [(Shortfall, 1), (Misuse, 2), (NotReady, 3), (Failed, 4)])
def test_a_problem_is_one_line_its_remedy_and_its_code(
    kind: type[Problem], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def task(c: Any) -> None:
        raise kind("it broke", remedy="mend it")

    assert run(task) == code
    assert capsys.readouterr().err == "error: it broke\nremedy: mend it\n"


def test_an_interrupt_is_130_and_one_word(capsys: pytest.CaptureFixture[str]) -> None:
    def task(c: Any) -> None:
        raise KeyboardInterrupt

    assert run(task) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_bug_keeps_its_traceback() -> None:
    def task(c: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(task)


@pytest.mark.parametrize("code", [None, 0, 1, 4])
def test_the_code_of_a_task_is_the_code_of_the_process(code: int | None) -> None:
    def task(c: Any) -> int | None:
        return code

    assert run(task) == (code or 0)


def test_dry_reaches_the_starter_of_processes() -> None:
    seen = []

    def task(c: Any) -> None:
        seen.append(command.is_dry())

    run(task)
    run(task, "--dry")
    assert seen == [False, True]


def test_a_tasks_file_can_name_the_folder_that_is_meant() -> None:
    seen = []

    def task(c: Any, root: str = "") -> None:
        seen.append(root)

    run(task)
    run(task, settings={"drydock": {"root": "/repository"}})
    assert seen == ["", "/repository"]


def test_a_root_given_by_the_user_is_stronger_than_the_tasks_file() -> None:
    seen = []

    def task(c: Any, root: str = "") -> None:
        seen.append(root)

    namespace = Collection(tasks.verb()(task))
    namespace.configure({"drydock": {"root": "/repository"}})
    Program(namespace=namespace, binary="inv").run(["inv", "task", "--root", "here"], exit=False)
    assert seen == ["here"]


def test_a_flag_whose_default_is_none_can_be_repeated() -> None:
    seen = []

    def task(c: Any, service: tasks.Many = None) -> None:
        seen.append(service)

    program = Program(namespace=Collection(tasks.verb()(task)), binary="inv")
    program.run(["inv", "task", "--service", "a", "--service", "b"], exit=False)
    assert seen == [["a", "b"]]


def test_the_face_gives_configuration_and_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with tasks.face("", yes=True, json=True) as (settings, console):
        assert (settings.root, settings.yes, console.json) == (tmp_path, True, True)
        assert settings.environ["PATH"] == os.environ["PATH"]


def test_every_task_and_every_flag_has_a_help_text() -> None:
    for name, task in tasks.namespace.tasks.items():
        assert task.__doc__, name
        for argument in task.get_arguments():
            assert task.body.help.get(argument.name.replace("-", "_")), f"{name} --{argument.name}"
