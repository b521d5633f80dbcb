"""Python interpreters of this machine that live in a prefix of their own and can move into an image."""

import platform
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from drydock.bases.recipes import Interpreter

VERSION = re.compile(r'^#define\s+PY_VERSION\s+"(\d+)\.(\d+)\.(\d+)"', re.MULTILINE)
# What the official images leave out as well, and everything that somebody installed later.
LEFT_OUT = (
    *("__pycache__", "test", "tests", "idle_test", "turtledemo", "_test*.so", "_xxtest*.so"),
    *("site-packages", "EXTERNALLY-MANAGED", "*.pth"),
)
STATIC = re.compile(r"\.(a|pyc|pyo)$")


def found(environ: Mapping[str, str], home: Path | None = None) -> tuple[Interpreter, ...]:
    """The interpreters on this machine, newest first; starts none of them.

    Looked for where pyenv, uv and tool caches of CI keep theirs, and behind every `python3.N` on the PATH. The
    system's own prefix is passed over: its files belong to the package manager and are built for that system.
    """
    if platform.system() != "Linux":
        return ()
    seen = {}
    for prefix in _prefixes(environ, home or Path.home()):
        for header in prefix.glob("include/python3.*/patchlevel.h"):
            place = prefix.resolve()
            if (one := _read(place, header)) and place not in (Path("/"), Path("/usr")):
                seen[place, one.version] = one
    return tuple(sorted(seen.values(), key=lambda one: (one.version, str(one.prefix)), reverse=True))


def copy(interpreter: Interpreter, target: Path, *, headers: bool) -> None:
    """Copy what runs programs from the prefix to `target`: no tests, static libraries, caches, installed packages.

    pip is left out too: the image installs the one that the interpreter itself carries, so that no change which this
    machine made to installed packages can travel along. `headers` keeps what compiling extensions needs.
    """
    name, prefix = f"python{interpreter.minor}", interpreter.prefix
    (target / "bin").mkdir(parents=True)
    shutil.copy2(prefix / "bin" / name, target / "bin" / name)
    for link in ("python3", "python"):
        (target / "bin" / link).symlink_to(name)
    shutil.copytree(prefix / "lib" / name, target / "lib" / name, symlinks=True, ignore=_left_out(headers))
    (target / "lib" / name / "site-packages").mkdir()
    for library in prefix.glob("lib/libpython3*.so*"):
        if library.name == "libpython3.so" or interpreter.minor in library.name:
            shutil.copy2(library, target / "lib" / library.name, follow_symlinks=False)
    if headers:
        shutil.copytree(prefix / "include" / name, target / "include" / name)
        for script in prefix.glob(f"bin/{name}-config"):
            shutil.copy2(script, target / "bin" / script.name)
    _at_home(target, str(prefix))


def stripped(target: Path) -> list[Path]:
    """The binaries below `target` whose debug symbols an image does not need."""
    return [
        *target.glob("bin/python3.*[0-9]"),
        *(path for path in target.glob("lib/libpython3.*.so*") if not path.is_symlink()),
        *target.glob("lib/python3.*/lib-dynload/*.so"),
    ]


def _at_home(target: Path, old: str) -> None:
    """Let what was noted when the interpreter was compiled say where it lives now."""
    noted = [*target.glob("lib/python3.*/_sysconfigdata*.py"), *target.glob("lib/python3.*/config-3*/Makefile")]
    for path in [*noted, *target.glob("bin/python3.*-config")]:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        path.write_text(text.replace(old, "/usr/local"), encoding="utf-8", errors="surrogateescape")


def _left_out(headers: bool) -> Callable[[str, list[str]], set[str]]:
    named = shutil.ignore_patterns(*LEFT_OUT)

    def choose(folder: str, names: list[str]) -> set[str]:
        out = set(named(folder, names)) | {name for name in names if STATIC.search(name)}
        if not headers and Path(folder).name.startswith("config-3"):
            out |= {name for name in names if name != "Makefile"}  # sysconfig reads the Makefile
        return out

    return choose


def _prefixes(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    yield from sorted(pyenv.glob("versions/*"))
    yield from sorted(Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python").glob("cpython-*"))
    for cache in filter(None, (environ.get("AGENT_TOOLSDIRECTORY"), environ.get("RUNNER_TOOL_CACHE"))):
        yield from sorted(Path(cache).glob("Python/*/*"))
    yield from sorted(Path("/opt/python").glob("*"))
    for folder in environ.get("PATH", "").split(":"):
        for program in sorted(Path(folder).glob("python3.*[0-9]")) if folder else ():
            yield program.resolve().parent.parent


def _read(prefix: Path, header: Path) -> Interpreter | None:
    match = VERSION.search(header.read_text(encoding="utf-8", errors="replace"))
    if match is None:
        return None
    one = Interpreter((int(match[1]), int(match[2]), int(match[3])), prefix)
    name = f"python{one.minor}"
    whole = (prefix / "bin" / name).is_file() and (prefix / "lib" / name / "ensurepip" / "_bundled").is_dir()
    return one if whole and header.parent.name == name else None
