"""Which files of a scratch copy the edits change: found by what the build reads, or as the configuration wishes."""

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from drydock import dockerfile
from drydock.config import Image
from drydock.errors import Misuse
from drydock.measures import asked, followed, inputs
from drydock.measures.asked import EVERYTHING
from drydock.scenarios import edits
from drydock.scenarios.scenario import Scenario
from drydock.scenarios.wishes import Wishes
from drydock.services.workspace import LOCKS
from drydock.values import dataclass

Texts = Mapping[str, str]  # by path below the context, or whole where a file lies beside it
PREFERRED = (  # the first of these that the build reads is the source that is edited
    "src/routes/+page.svelte",
    "src/App.*",
    "src/main.*",
    "src/index.*",
    "app/__init__.py",
    "*/__init__.py",
    "app.py",
    "main.py",
    "server.*",
    "index.*",
    "*",
)
UNFIT = ("*.config.*", "*.test.*", "*.spec.*", "*.d.ts", "test/*", "tests/*", "*/tests/*", "setup.py", "conftest.py")
KEYS = {Scenario.SOURCE: "source", Scenario.DEPENDENCY: "dependency"}  # the wish that names the file
LEFT_OUT = "[tool.drydock.images.{image}] can name one as {key}"


@dataclass(frozen=True)
class Edit:
    """One edit of a context: the file it is about, and what it does in words.

    `change` takes the texts as they were, a number never used before, and which version of packages to take (None: the
    number decides), and gives the new texts.
    """

    path: str
    what: str
    before: Texts
    change: Callable[[Texts, int, int | None], Texts]

    def apply(self, context: Path, number: int, version: int | None = None) -> None:
        """Write the edited files."""
        for path, text in self.change(self.before, number, version).items():
            place = context / path  # an ignore file may lie beside the copy of its Dockerfile
            if place.is_symlink() or not (
                Path(path).is_absolute() or place.resolve().is_relative_to(context.resolve())
            ):
                raise Misuse(f"{path} is a link, so it is not edited", remedy="put a file in the place of the link")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode("utf-8", "surrogateescape"))


@dataclass(frozen=True)
class Reading:
    """What the build of an image reads of its own context: the paths its lines ask for, and the files behind them."""

    asks: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def locks(self) -> tuple[str, ...]:
        """The lock files among them."""
        return tuple(path for path in self.files if _fits(PurePosixPath(path).name, LOCKS))


def reading(image: Image, platform: Mapping[str, str]) -> Reading:
    """Read Dockerfile, ignore file and context."""
    file = dockerfile.parse(image.dockerfile.read_text(encoding="utf-8"), str(image.dockerfile))
    wanted = asked.requests(file, image.target, {**platform, **image.args}, image.contexts)
    asks = sorted({one.path for one in wanted if not one.context})
    tree = inputs.walk(image.context, inputs.rules(inputs.ignore_file(image.context, image.dockerfile)))
    entries = inputs.asked(tree, None if EVERYTHING in asks else followed.follow(tree.root, asks)) if asks else ()
    return Reading(tuple(asks), tuple(entry.path for entry in inputs.files(entries)))


def find(image: Image, read: Reading, wishes: Wishes) -> tuple[dict[Scenario, Edit], dict[Scenario, str]]:
    """The edits of an image, and a sentence for each scenario for which nothing fit is found.

    Misuse for a wish that names no file of the build.
    """
    found, notes = dict[Scenario, Edit](), dict[Scenario, str]()
    for scenario, edit in (
        (Scenario.SOURCE, _source(image, read, wishes)),
        (Scenario.DEPENDENCY, _dependency(image, read, wishes)),
        (Scenario.IGNORE, _ignore(image)),
    ):
        if edit is None:
            hint = LEFT_OUT.format(image=image.name, key=KEYS[scenario])
            notes[scenario] = (
                f"{scenario.value} of {image.name} is left out: the build reads no file fit for it; {hint}"
            )
        else:
            found[scenario] = edit
    return found, notes


def _source(image: Image, read: Reading, wishes: Wishes) -> Edit | None:
    path = wishes.source or _preferred(read.files)
    if not path:
        return None
    _require(image, read, path, "source")
    words = wishes.source_line or edits.LINES.get(PurePosixPath(path).suffix, "")
    if not words:
        raise Misuse(
            f"no line is known that could be added to {path} of {image.name}",
            remedy="give it as source_line, with {number} in it",
        )
    return _line(image, path, words)


def _dependency(image: Image, read: Reading, wishes: Wishes) -> Edit | None:
    # What is copied by its name is installed from; of what merely comes along, the plain name is.
    order = sorted(read.locks, key=lambda one: (f"/{one}" not in read.asks, len(one)))
    path = wishes.dependency or next((one for one in order if _is_known(image, one)), "")
    if not path:
        return None
    _require(image, read, path, "dependency")
    if wishes.dependency_line:
        return _line(image, path, wishes.dependency_line)
    folder, name = PurePosixPath(path).parent, PurePosixPath(path).name
    what = f"{path}: small packages are added, in versions that change"
    if name == "package-lock.json":
        manifest = str(folder / "package.json")

        def lock(before: Texts, number: int, version: int | None) -> Texts:
            changed = edits.package_lock(before[manifest], before[path], number, version)
            return dict(zip((manifest, path), changed, strict=True))

        return Edit(path, what, {one: _text(image, one) for one in (manifest, path)}, lock)
    if not fnmatch.fnmatch(name, "requirements*.txt"):
        raise Misuse(
            f"no edit is known for {path} of {image.name}", remedy="give one as dependency_line, with {number} in it"
        )
    return Edit(
        path,
        what,
        {path: _text(image, path)},
        lambda before, number, version: {path: edits.requirements(before[path], number, version)},
    )


def _ignore(image: Image) -> Edit:
    """The ignore file that counts, beside the Dockerfile or in the context, or one that is new."""
    path = inputs.ignore_file(image.context, image.dockerfile) or image.context / ".dockerignore"
    text = path.read_bytes().decode("utf-8", "surrogateescape") if path.is_file() else ""
    name = path.relative_to(image.context).as_posix() if path.is_relative_to(image.context) else str(path)
    return Edit(
        name,
        f"{path.name}: a line that hides nothing is added",
        {name: text},
        lambda before, number, _: {name: edits.hides_nothing(before[name], number)},
    )


def _line(image: Image, path: str, words: str) -> Edit:
    return Edit(
        path,
        f"{path}: a line is added",
        {path: _text(image, path)},
        lambda before, number, _: {path: edits.line(before[path], words, number)},
    )


def _preferred(files: Sequence[str]) -> str:
    """The file that comes first by PREFERRED, the highest one of equals."""
    fit = [one for one in files if PurePosixPath(one).suffix in edits.LINES and not _fits(one, UNFIT)]
    order = sorted(fit, key=lambda one: (one.count("/"), one))
    return next((one for words in PREFERRED for one in order if fnmatch.fnmatchcase(one, words)), "")


def _is_known(image: Image, path: str) -> bool:
    """Whether there is an edit for this lock file."""
    name, folder = PurePosixPath(path).name, image.context / PurePosixPath(path).parent
    return fnmatch.fnmatch(name, "requirements*.txt") or (
        name == "package-lock.json" and (folder / "package.json").is_file()
    )


def _require(image: Image, read: Reading, path: str, key: str) -> None:
    if path not in read.files:
        raise Misuse(
            f"the build of {image.name} does not read {path}",
            remedy=f"name a file that it reads as {key} in [tool.drydock.images.{image.name}]",
        )


def _text(image: Image, path: str) -> str:
    return (image.context / path).read_bytes().decode("utf-8", "surrogateescape")


def _fits(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, words) for words in patterns)
