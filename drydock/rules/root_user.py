"""The image runs as root.

Whoever breaks into the program is then root in the container, owns every file of the image, and writes to mounted
folders as root. An ordinary user costs a line or two: make one, give it what the program writes to, name it in USER.

The fix is unsafe: behind the last step that may need root it makes a user and names it (Node's images have one). It is
declined where anything says that the program needs root or writes where root alone may: a port below 1024, a volume or
a mounted folder, root's home, a start script, migrations, SQLite, uploads, development servers. What it found is the
reason. Images whose start script changes to another user by itself (gosu, su-exec, setpriv) are left alone.

Bad:

    FROM python:3.12-slim
    COPY app.py .
    CMD ["python", "app.py"]

Good:

    FROM python:3.12-slim
    RUN useradd --create-home --uid 10001 app
    COPY app.py .
    USER app
    CMD ["python", "app.py"]
"""

import posixpath
import re
from collections.abc import Iterator

from drydock.audit import images, ordinary
from drydock.audit.buildfile import BuildFile
from drydock.audit.finding import Fix, Found, Severity, mend
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.situation import Situation
from drydock.audit.source import Edit
from drydock.dockerfile import Stage

STEPS_DOWN = re.compile(r"\b(gosu|su-exec|setpriv|runuser|s6-setuidgid|chpst)\b")
OWN_START = frozenset({"postgres", "mysql", "mariadb", "mongo", "redis", "valkey", "rabbitmq", "elasticsearch"})
NEEDS_ROOT = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.buildfiles:
        for stage in file.shipped:
            end = file.end(stage)
            if not end.account.is_root or _steps_down(file, end):
                continue
            said = [one for one in stage.instructions if one.keyword == "USER"]
            declined = ordinary.against(repository, file, stage)
            fix = None if declined else _fix(file, stage, end)
            yield file.found(said[-1] if said else stage.opening, "the image runs as root", fix, declined=declined)


def _fix(file: BuildFile, stage: Stage, end: Situation) -> Fix:
    """The user behind the last step that may need root; a USER behind that names it instead of root."""
    last = [one for one in stage.instructions if one.keyword in NEEDS_ROOT or one is stage.opening][-1]
    behind = [one for one in stage.instructions if one.keyword == "USER" and one.start > last.start]
    lines = "USER node" if end.image == "node" else f"RUN {images.ACCOUNTS[images.size(end)]}\nUSER app"
    if behind:
        return mend(file.source, Edit(behind[-1].start, behind[-1].end, lines), safe=False)
    return mend(file.source, Edit(last.end, last.end, f"\n{lines}"), safe=False)


def _steps_down(file: BuildFile, end: Situation) -> bool:
    if end.entrypoint is None:
        return end.image in OWN_START
    if STEPS_DOWN.search(end.entrypoint.text):
        return True
    names = {posixpath.basename(word) for word in end.entrypoint.args if word.endswith((".sh", "entrypoint"))}
    scripts = [path for path in file.context.files() if posixpath.basename(path) in names] if names else []
    return any((text := file.context.read(path)) and STEPS_DOWN.search(text.text) for path in scripts)


RULE = rule(__name__, __doc__, Severity.WARNING, check)
