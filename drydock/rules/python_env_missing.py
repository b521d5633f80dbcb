"""A Python image leaves out PYTHONDONTWRITEBYTECODE or PYTHONUNBUFFERED.

Without the first, Python writes bytecode into the container when it runs, where nobody reads it again. Without the
second, what a program prints waits in a buffer: logs come late, and the last lines are lost when it is killed.

The fix is safe: it sets what is missing at the top of the stage that ships. An image that compiles its bytecode while
it is built (UV_COMPILE_BYTECODE, compileall) needs no PYTHONDONTWRITEBYTECODE; any value but an empty one counts.

Bad:

    FROM python:3.12-slim
    COPY app.py .
    CMD ["python", "app.py"]

Good:

    FROM python:3.12-slim
    ENV PYTHONDONTWRITEBYTECODE=1 \
        PYTHONUNBUFFERED=1
    COPY app.py .
    CMD ["python", "app.py"]
"""

from collections.abc import Iterator

from drydock.audit.buildfile import BuildFile
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_dockerfile, rule
from drydock.audit.source import Edit
from drydock.dockerfile import Stage


def check(file: BuildFile) -> Iterator[Found]:
    for stage in file.shipped:
        end = file.end(stage)
        missing = [name for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED") if not end.environment.get(name)]
        if missing and _compiles(file, stage):
            missing = [name for name in missing if name != "PYTHONDONTWRITEBYTECODE"]
        if missing and end.image == "python":
            at = stage.opening.end
            settings = f" {file.file.escape}\n    ".join(f"{name}=1" for name in missing)
            fix = mend(file.source, Edit(at, at, f"\nENV {settings}"))
            yield file.found(stage.opening, f"{' and '.join(missing)} {'are' if missing[1:] else 'is'} not set", fix)


def _compiles(file: BuildFile, stage: Stage) -> bool:
    if file.end(stage).environment.get("UV_COMPILE_BYTECODE"):
        return True
    return any("compileall" in one.text or "--compile-bytecode" in one.text for one in file.file.instructions)


RULE = rule(__name__, __doc__, Severity.NOTE, each_dockerfile(check))
