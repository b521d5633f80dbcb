"""CMD or ENTRYPOINT is in shell form: the program may never hear that it is to stop.

In shell form the first process is `/bin/sh -c`, and the program its child. `docker stop` sends its signal to the first
process; a shell does not pass it on, so after ten seconds the program is killed in the middle of what it was doing.
An ENTRYPOINT in shell form also ignores CMD and whatever is written behind `docker run IMAGE`.

There is no fix: in JSON form nothing replaces `$PORT`, `&&` means nothing, and the first process changes. Write
`["program", "argument"]` where no shell is needed, else begin the last command with `exec`, which is left alone here.

Bad:

    FROM python:3.12-slim
    COPY app.py .
    CMD python app.py

Good:

    FROM python:3.12-slim
    COPY app.py .
    CMD ["python", "app.py"]

Good (a shell that gives way to the program):

    FROM python:3.12-slim
    COPY app.py .
    CMD python app.py --check && exec python app.py --port "$PORT"
"""

from collections.abc import Iterator

from drydock.audit import shell
from drydock.audit.buildfile import BuildFile
from drydock.audit.finding import Found, Severity
from drydock.audit.mounts import WINDOWS
from drydock.audit.rule import each_dockerfile, rule


def check(file: BuildFile) -> Iterator[Found]:
    for stage in file.shipped:
        end = file.end(stage)
        if WINDOWS.search(end.base):
            continue
        for one in (end.entrypoint, end.command):
            if one is None or one.json or not one.args or one.start < stage.opening.start:
                continue
            commands = shell.commands(one, file.file.escape)
            if not commands or commands[-1].wrapper != "exec":
                yield file.found(one, f"{one.keyword} is in shell form: a shell stands between it and its signals")


RULE = rule(__name__, __doc__, Severity.NOTE, each_dockerfile(check))
