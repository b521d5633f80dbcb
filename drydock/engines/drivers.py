"""What a builder can do by its driver, and Docker's own by its image store: the one place that knows. Pure."""

ENGINE = "docker"  # BuildKit within the engine; with any other driver it runs beside it, and may run elsewhere
STARTED = ("docker-container", "kubernetes")  # a build starts what does not run yet
KINDS = (  # what people call it, driver, store of the engine
    ("the engine, overlay2 store", ENGINE, "overlay2"),
    ("the engine, containerd store", ENGINE, "containerd"),
    *((name, name, "") for name in ("docker-container", "remote", "kubernetes")),
)
CACHES = ("inline", "local", "registry", "gha", "s3", "azblob")


def roomy(driver: str, store: str) -> bool:
    """Whether results are kept as content: then caches are exported, several platforms built, attestations kept."""
    return driver != ENGINE or store == "containerd"


def exporters(driver: str, store: str) -> tuple[str, ...]:
    """The kinds of cache that a builder exports."""
    if driver != ENGINE:
        return CACHES
    return CACHES[:4] if roomy(driver, store) else CACHES[:1]


def importers(driver: str, store: str) -> tuple[str, ...]:
    """The kinds of cache that a builder imports; an inline cache is imported from the registry that holds its image."""
    if not roomy(driver, store):
        return ("local", "registry")
    return tuple(kind for kind in exporters(driver, store) if kind != "inline")
