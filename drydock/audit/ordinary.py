"""Whether the program of an image can run as an ordinary user: what it may need root for. Pure."""

import re
from collections.abc import Iterator

from drydock.audit import images, manifests, uses
from drydock.audit.buildfile import BuildFile
from drydock.audit.composefile import filled
from drydock.audit.repository import Repository
from drydock.audit.yamltree import Shape
from drydock.dockerfile import Stage

WRITES = re.compile(
    r"sqlite|MEDIA_ROOT|UPLOAD|upload_?(dir|folder|to)|FileHandler|\.mkdir\(|makedirs|mkdirSync|writeFile|createWriteStream"
    r"|open\([^)\n]*[\"'][wax]b?\+?[\"']|collectstatic|fs\.(mkdir|write|append)|/var/run|/var/log|os\.setuid|/root\b",
    re.IGNORECASE,
)
STARTS_WRITING = re.compile(
    r"\b(vite|next dev|nuxt|ng serve|webpack|react-scripts|nodemon|ts-node|tsx|celery|supervisord|nginx|apache2?|cron"
    r"|sshd|migrate|alembic|collectstatic|makemigrations|flask db|prisma|sequelize|knex|pip|npm (ci|i|install)"
    r"|yarn install|apt-get|apk|chown|sudo|su|mkdir|touch|jupyter|streamlit)\b|(?<![=-])>>?\s*[\w./]"
)
PORT = re.compile(r"(?:--?port[= ]|-p |:)(\d+)\b")
HOME = re.compile(r"/root\b|--user\b|~/|\$HOME|\$\{HOME\}")
CLOSED = re.compile(r"\bchmod\s+(-R\s+)?(0?[0-7]{2}0|[ug]*[ou-][-=+]*\w*o-|go-)|\bumask\b|--chmod=0?[0-7]{2}0\b")


def against(repository: Repository, file: BuildFile, stage: Stage) -> str:
    """Why the program may need root; "" where nothing says so."""
    return next(_reasons(repository, file, stage), "")


def _reasons(repository: Repository, file: BuildFile, stage: Stage) -> Iterator[str]:
    end = file.end(stage)
    if images.size(end) is images.Size.UNKNOWN:
        yield "what the base holds is not known"
    if low := [port for port in end.exposed if _is_low(port)]:
        yield f"port {low[0]} is below 1024"
    for below in file.lineage(stage):
        for one in below.instructions:
            if one.keyword == "VOLUME":
                yield f"line {one.line} declares a volume, which belongs to root"
            if one.keyword in ("RUN", "ENV", "COPY") and HOME.search(one.text) and "--mount" not in one.text:
                yield f"line {one.line} has to do with root's home"
            if CLOSED.search(one.text):
                yield f"line {one.line} closes files to other users"
    for compose, service in uses.services(repository, file, stage):
        if service.get("volumes") is not None:
            yield f"{compose.path} mounts folders that belong to somebody else"
        for node in (service.get("ports") or service.node).items:
            target = node.get("target") if node.shape is Shape.MAPPING else node
            words = filled(target.text) if target is not None and target.shape is Shape.SCALAR else ""
            if _is_low(words.rpartition(":")[2]):
                yield f"{compose.path} publishes a port below 1024"
    yield from _program(repository, file, stage)


def _is_low(port: str) -> bool:
    number = port.partition("/")[0].partition("-")[0]
    return number.isdecimal() and int(number) < 1024


def _program(repository: Repository, file: BuildFile, stage: Stage) -> Iterator[str]:
    """What the commands that start it, and the source, say of writing."""
    scripts = _scripts(file)
    told = list(uses.runs(repository, file, stage))
    if not told:
        yield "no command is to be seen, so what runs is not known"
    for where, words in told:
        known = [text for name, text in scripts.items() if re.search(rf"\b{re.escape(name)}\b", words)]
        for text in (words, *known):
            if found := STARTS_WRITING.search(text):
                yield f"{where} starts {found[0].strip()}, which writes"
            if any(_is_low(match[1]) for match in PORT.finditer(text)):
                yield f"{where} listens on a port below 1024"
        if re.search(r"\.sh\b|entrypoint|\bstart\b(?!\w)", words) and not known and ".sh" in words:
            yield f"{where} starts a script"
    for path, text in uses.texts(file):
        if not path.endswith((".json", ".toml")) and not uses.is_test(path) and (found := WRITES.search(text)):
            yield f"{path} may write: {found[0].strip()}"


def _scripts(file: BuildFile) -> dict[str, str]:
    """The scripts of the package.json files in the context, by name."""
    found = manifests.package(file.context).get("scripts")
    return {name: str(text) for name, text in found.items()} if isinstance(found, dict) else {}
