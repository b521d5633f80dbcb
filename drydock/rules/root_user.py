"""The image runs as root.

Whoever breaks into the program is then root in the container, owns every file of the image, and writes to mounted
folders as root. An ordinary user costs a line or two: make one, give it what the program writes to, name it in USER.

There is no fix yet: which folders the program writes to is not to be seen in the Dockerfile. Images whose start script
changes to another user by itself (gosu, su-exec, setpriv) are left alone.

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

from drydock.audit.buildfile import BuildFile
from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_dockerfile, rule
from drydock.audit.situation import Situation

STEPS_DOWN = re.compile(r"\b(gosu|su-exec|setpriv|runuser|s6-setuidgid|chpst)\b")
OWN_START = frozenset({"postgres", "mysql", "mariadb", "mongo", "redis", "valkey", "rabbitmq", "elasticsearch"})


def check(file: BuildFile) -> Iterator[Found]:
    for stage in file.shipped:
        end = file.end(stage)
        if not end.account.is_root or _steps_down(file, end):
            continue
        said = [one for one in stage.instructions if one.keyword == "USER"]
        yield file.found(said[-1] if said else stage.opening, "the image runs as root")


def _steps_down(file: BuildFile, end: Situation) -> bool:
    if end.entrypoint is None:
        return end.image in OWN_START
    if STEPS_DOWN.search(end.entrypoint.text):
        return True
    names = {posixpath.basename(word) for word in end.entrypoint.args if word.endswith((".sh", "entrypoint"))}
    scripts = [path for path in file.context.files() if posixpath.basename(path) in names] if names else []
    return any((text := file.context.read(path)) and STEPS_DOWN.search(text.text) for path in scripts)


RULE = rule(__name__, __doc__, Severity.WARNING, each_dockerfile(check))
