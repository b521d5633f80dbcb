"""Shell completion out of the installed command, in the shells themselves."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.release.conftest import Installed

BASH = """
eval "$(drydock --print-completion-script bash)"
spec=$(complete -p drydock) || exit 1
function=${spec#*-F }; function=${function%% *}
COMP_WORDS=(%(words)s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="%(line)s"; COMP_POINT=${#COMP_LINE}
"$function" drydock "${COMP_WORDS[COMP_CWORD]}" && printf '%%s\\n' "${COMPREPLY[@]}"
"""
FISH = """
drydock --print-completion-script fish | source
complete --do-complete '%(line)s'
"""
# zsh completes only on a line that somebody edits, so one is edited, on a terminal of its own.
ZSH = """
zmodload zsh/zpty
zpty editing 'zsh -f -i'
zpty -w editing 'PS1=; autoload -Uz compinit; compinit -u -D; source <(drydock --print-completion-script zsh)'
zpty -w editing 'zstyle ":completion:*" list-prompt ""; LISTMAX=1000; echo REA""DY'
zpty -r editing seen '*READY*'
zpty -w -n editing '%(line)s'$'\\t\\t'
until=$((SECONDS + 20)); shown=
while (( SECONDS < until )) && [[ $shown != *%(wanted)s* ]]; do
  zpty -r -t editing more && shown+=$more
done
print -r -- $shown
zpty -d editing
"""

Complete = Callable[[str, str], str]


@pytest.fixture(params=["bash", "fish", "zsh"])
def complete(request: pytest.FixtureRequest, installed: Installed, tmp_path: Path) -> Complete:
    """What a shell offers for a line at whose end Tab is pressed."""
    shell = request.param
    program = shutil.which(shell, path=installed.environ["PATH"])
    if program is None:
        pytest.skip(f"{shell} is not installed here")
    script = {"bash": BASH, "fish": FISH, "zsh": ZSH}[shell]

    def ask(line: str, wanted: str) -> str:
        words = " ".join(f"'{word}'" for word in line.split(" "))
        text = script % {"line": line, "words": words, "wanted": wanted}
        path = f"{installed.command.parent}:{installed.environ['PATH']}"
        environ = {**installed.environ, "PATH": path, "HOME": str(tmp_path), "TERM": "dumb"}
        argv = [program, "-f", "-c", text] if shell == "zsh" else [program, "-c", text]
        ran = subprocess.run(argv, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return ask


@pytest.mark.parametrize(
    ("line", "wanted", "unfit"),
    [
        pytest.param("drydock bu", "build", "doctor", id="a task"),
        pytest.param("drydock build --bu", "--buildkit", "--push", id="a flag of a task"),
        pytest.param("drydock --ver", "--version", "--help", id="a flag of the program"),
    ],
)
def test_tab_offers_what_fits_and_nothing_else(complete: Complete, line: str, wanted: str, unfit: str) -> None:
    offered = complete(line, wanted)
    assert wanted in offered
    assert unfit not in offered
