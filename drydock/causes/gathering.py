"""The grounds of each image of a build: Dockerfile, arguments, bases, and files read."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from drydock.bases.bases import Base
from drydock.causes import grounds, hashes, manifest, reading, whole
from drydock.causes.grounds import Fact, Ground, Grounds, Kind
from drydock.causes.hashes import Hashes
from drydock.causes.manifest import Manifest
from drydock.causes.reading import Given
from drydock.causes.veil import Seal
from drydock.causes.whole import Orders
from drydock.config import Config, Image
from drydock.dockerfile import Dockerfile
from drydock.engines.engine import Engine
from drydock.errors import Misuse
from drydock.measures import asked, followed, inputs
from drydock.measures.inputs import Entry, Tree
from drydock.values import dataclass

JOB = ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB")
Trees = dict[tuple[Path, Path | None], Tree]


@dataclass(frozen=True)
class Gathered:
    """The grounds of one image, and the files that its steps read, by context.

    `untold` says what else it rests on that cannot be told; `walked` are the contexts as they were found, each with
    its name and its ignore file, and `dockerfile` is where that is read.
    """

    grounds: Grounds
    files: Mapping[str, Manifest]
    untold: tuple[str, ...] = ()
    walked: tuple[tuple[str, Tree, Path | None], ...] = ()
    dockerfile: Path = field(default_factory=Path)

    def bodies(self) -> tuple[str, dict[str, bytes]]:
        """The digest of the grounds, and every body by its digest."""
        seal, body = Seal(b"body"), grounds.write(self.grounds)
        found = {seal.of(body): body}
        for name, digest in self.grounds.manifests:
            found[digest] = manifest.write(self.files[name].values())
        return seal.of(body), found


def gather(
    config: Config,
    engine: Engine,
    images: Sequence[Image],
    files: Mapping[str, Dockerfile],
    bases: Mapping[str, Sequence[Base]],
    *,
    builder: str = "",
    platforms: Sequence[str] = (),
    orders: Orders | None = None,
) -> dict[str, Gathered]:
    """The grounds of images, with their Dockerfiles and bases by image.

    Raises Misuse and NotReady for what cannot be read, as the build itself does.
    """
    known = hashes.load(config.state / "hashes.json", hashes.key(config.state / "key"))
    orders = orders or Orders(config.root)
    found = collect(engine, images, files, bases, known, orders, builder=builder, platforms=platforms)
    hashes.save(config.state / "hashes.json", known)
    return found


def collect(
    engine: Engine,
    images: Sequence[Image],
    files: Mapping[str, Dockerfile],
    bases: Mapping[str, Sequence[Base]],
    known: Hashes,
    orders: Orders,
    *,
    builder: str = "",
    platforms: Sequence[str] = (),
) -> dict[str, Gathered]:
    """The same with hashes that are known already, and that keep what is found."""
    trees, seal = Trees(), known.seal
    identity = seal.of(_identity(engine, builder))
    found: dict[str, Gathered] = {}
    for image in ordered(images):
        upon = {name: found[other] for name, other in image.upon.items() if other in found}
        wanted = tuple(platforms or image.platforms or engine.platforms[:1])
        given = Given(
            target=image.target,
            args={**asked.platform(wanted), **image.args},
            contexts=image.contexts,
            bases={base.name: base.digest for base in bases[image.name]},
            images={name: ",".join(grounds.keys(other.grounds)[-1:]) for name, other in upon.items()},
            settings={"network": image.network or "", "platform": ",".join(wanted)},
        )
        file, steps = files[image.name], reading.read(files[image.name], given, seal)
        own = replace(orders, upon={name: other.bodies()[0] for name, other in upon.items()})
        untold = [*whole.untold(image, file, steps, wanted)]
        untold += [f"the base {one.name} triggers steps (ONBUILD)" for one in bases[image.name] if one.triggers]
        one = _hashed(image, steps, known, trees, identity)
        facts = whole.facts(image, file, own, wanted, seal)
        found[image.name] = replace(
            one, grounds=replace(one.grounds, whole=facts), untold=(*untold, *one.untold), dockerfile=image.dockerfile
        )
    return found


def ordered(images: Sequence[Image]) -> list[Image]:
    """What others are built upon comes before them."""
    named, found = {image.name: image for image in images}, dict[str, Image]()

    def add(image: Image) -> None:
        if image.name in named and image.name not in found:
            del named[image.name]  # a ring ends here; bake will refuse it
            for name in image.upon.values():
                if lower := named.get(name):
                    add(lower)
            found[image.name] = image

    for image in images:
        add(image)
    return list(found.values())


def _identity(engine: Engine, builder: str) -> str:
    """Tells one build cache from another: the engine's address, its own name for its data where it can be read, and
    the builder; on a runner that GitHub hosts also the job, since each begins with an empty one.
    """
    try:
        name = (Path(engine.data_root) / "engine-id").read_text(encoding="utf-8") if engine.data_root else ""
    except (OSError, UnicodeDecodeError):
        name = ""
    hosted = engine.environ.get("RUNNER_ENVIRONMENT") == "github-hosted"
    job = [engine.environ.get(variable, "") for variable in JOB] if hosted else []
    return "\0".join([engine.host, name, builder, *job])


def _hashed(image: Image, steps: Sequence[Ground], known: Hashes, trees: Trees, engine: str) -> Gathered:
    """Walk each context once, hash once what any step reads of it, then give each step its own part."""
    seal, files = known.seal, dict[str, Manifest]()
    ignored: list[tuple[str, str]] = []
    walked: list[tuple[str, Tree, Path | None]] = []
    steps, known.unread = list(steps), []
    for name in dict.fromkeys(context for step in steps for context, _ in step.reads):
        tree, ignore = _tree(image, name, trees)
        walked.append((name, tree, ignore))
        steps = [_followed(step, name, tree) for step in steps]
        wanted = manifest.chosen(
            [one.path for one in tree.entries],
            [path for step in steps for context, path in step.reads if context == name],
        )
        files[name] = {one.path: one for one in known.read(tree, _entries(tree, wanted))}
        ignored.append((name, f"{ignore.name} {seal.of(ignore.read_bytes())}" if ignore else ""))
    steps = [_filled(step, files, seal) for step in steps]
    manifests = tuple((name, manifest.seal(held.values(), seal)) for name, held in files.items())
    notes = tuple(f"{inputs.shown(one)}, so a change of it cannot be told" for one in known.unread)
    kept = Grounds(seal.name, engine, tuple(steps), manifests, tuple(ignored), notes)
    return Gathered(kept, files, (*notes, *(note for _, tree, _ in walked for note in tree.notes)), tuple(walked))


def _tree(image: Image, name: str, trees: Trees) -> tuple[Tree, Path | None]:
    folder = Path(image.contexts[name]) if name else image.context
    if not folder.is_dir():
        raise Misuse(f"{folder} is no folder", remedy=f"mend the context of {image.name}")
    ignore = inputs.ignore_file(folder, None if name else image.dockerfile)
    if (folder, ignore) not in trees:
        trees[folder, ignore] = inputs.walk(folder, inputs.rules(ignore))
    return trees[folder, ignore], ignore


def _followed(step: Ground, name: str, tree: Tree) -> Ground:
    """With the links on the way: BuildKit reads what they lead to."""
    reads = [
        (context, path)
        for context, one in step.reads
        for path in ((followed.follow(tree.root, [one]) or (asked.EVERYTHING,)) if context == name else (one,))
    ]
    return replace(step, reads=tuple(dict.fromkeys(reads)))


def _entries(tree: Tree, wanted: Sequence[str]) -> list[Entry]:
    paths = set(wanted)
    return [one for one in tree.entries if one.kept and one.path in paths]


def _filled(step: Ground, files: Mapping[str, Manifest], seal: Seal) -> Ground:
    facts = tuple(
        Fact(Kind.FILES, name, manifest.seal(manifest.part(step.reads, name, files[name]).values(), seal))
        for name in dict.fromkeys(context for context, _ in step.reads)
    )
    return replace(step, facts=(*step.facts, *facts))
