"""Packages of Python and Node that are compiled where they are installed, or load libraries of the system. Pure."""

import posixpath
import re
from collections.abc import Iterator

from drydock.audit import manifests
from drydock.audit.buildfile import BuildFile
from drydock.audit.context import Context

PYTHON = frozenset(
    {"psycopg2", "mysqlclient", "uwsgi", "python-ldap", "pycairo", "pygobject", "dlib", "pyodbc", "pymssql"}
    | {"python-magic", "weasyprint", "cairosvg", "opencv-python", "opencv-contrib-python", "gdal", "pyzbar"}
    | {"pycurl", "xmlsec", "pygit2"}
    | {"pygraphviz", "pyaudio", "m2crypto", "pillow-simd", "pylibmc", "python-snappy", "gssapi", "kerberos", "pyscard"}
    | {"soundfile", "librosa", "pytesseract", "wand", "pdf2image", "pdfkit", "gitpython", "moviepy", "dbus-python"}
)
FROM_SOURCE = re.compile(r"\bgit\+|--no-binary|\b(hg|svn)\+")
PREBUILT = frozenset({"esbuild", "fsevents", "@swc/core", "core-js", "core-js-pure", "husky", "nx", "protobufjs"})


def reasons(file: BuildFile) -> Iterator[str]:
    """Why what is installed may need more than a slim base holds."""
    for context in file.contexts:
        for path in context.files():
            name = path.rpartition("/")[2]
            is_list = name.endswith((".txt", ".in")) and "require" in path
            if (is_list or name in ("pyproject.toml", "Pipfile", "setup.py", "setup.cfg")) and "test" not in path:
                yield from _python(context, path)
            elif name == "package.json" and "node_modules" not in path:
                yield from _node(context, path)


def _python(context: Context, path: str) -> Iterator[str]:
    text = context.read(path)
    if text is None:
        yield f"{path} cannot be read"
        return
    if FROM_SOURCE.search(text.text):
        yield f"{path} installs from a source that has to be fetched or compiled"
    words = {re.sub(r"[-_.]+", "-", word).lower() for word in re.findall(r"[A-Za-z0-9][\w.-]*", text.text)}
    if found := sorted(PYTHON & words):
        yield f"{path} names {found[0]}, which is compiled or loads a library of the system"


def _node(context: Context, path: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    manifest = manifests.package(context, path)
    if not any(manifest.get(kind) for kind in manifests.KINDS):
        return
    packages = manifests.package(context, posixpath.join(folder, "package-lock.json")).get("packages")
    if not isinstance(packages, dict):
        yield f"whether a package of {path} is compiled cannot be told without a package-lock.json"
        return
    for name, one in packages.items():
        plain = name.rpartition("node_modules/")[2]
        if isinstance(one, dict) and one.get("hasInstallScript") and plain not in PREBUILT:
            yield f"{plain} runs a script when it is installed, which may compile"
