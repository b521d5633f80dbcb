"""Two to four defects of one repository at once, of one file and of several."""

from tests.defects import composing, dockerfile_node, dockerfile_python, ignoring, sources, syntax, workflows
from tests.defects.values import Defect, combined

ALONE = {
    one.id: one
    for module in (dockerfile_python, dockerfile_node, ignoring, composing, workflows, sources, syntax)
    for one in module.DEFECTS
}

TOGETHER: tuple[tuple[str, tuple[str, ...]], ...] = (
    # -- one Dockerfile
    ("flask", ("pip-without-a-mount", "no-python-variables")),
    ("flask", ("pip-without-a-mount", "packages-copied-without-link", "root")),
    ("flask", ("no-cache-dir-beside-the-mount", "version-declared-before-the-install")),
    ("flask", ("pip-cache-switched-off-by-the-environment", "source-copied-before-the-install")),
    ("flask", ("source-copied-before-the-install", "no-python-variables", "command-in-shell-form")),
    ("flask", ("add-of-a-file", "pip-without-a-mount", "no-python-variables", "packages-copied-without-link")),
    ("flask", ("full-base-at-run-time", "command-in-shell-form")),
    ("flask", ("everything-into-the-image", "password-among-the-variables")),
    ("flask", ("install-in-a-heredoc", "no-python-variables", "windows-newlines-in-compose")),
    ("uv", ("sync-without-a-mount", "pip-that-brings-uv-without-a-mount")),
    ("uv", ("uv-cache-switched-off-by-the-environment", "no-cache-beside-the-mount")),
    ("uv", ("sync-without-a-mount", "bytecode-written-at-run-time", "root-again-at-the-end")),
    ("django", ("package-copied-before-the-install", "poetry-without-a-mount")),
    ("django", ("development-packages-shipped", "root-by-name", "packages-copied-without-link")),
    ("django", ("token-as-an-argument", "entrypoint-in-quotes")),
    ("native", ("apt-without-mounts", "compiler-in-the-last-stage")),
    ("native", ("lists-removed-out-of-the-mount", "recommended-packages-too")),
    ("native", ("docker-clean-left-in-place", "add-of-a-folder")),
    ("npm", ("ci-without-a-mount", "packages-copied-without-link")),
    ("npm", ("source-copied-before-the-install", "install-where-ci-serves")),
    ("npm", ("install-where-ci-serves", "token-as-an-argument", "root")),
    ("npm", ("cache-cleaned-out-of-the-mount", "add-of-the-manifests", "no-health-check")),
    ("svelte", ("ci-without-a-mount", "preview-in-shell-form", "root-by-name")),
    ("svelte", ("i-where-ci-serves", "address-declared-before-the-install")),
    ("svelte", ("node-past-its-end", "i-where-ci-serves")),
    ("pnpm", ("install-without-a-mount", "npm-that-brings-pnpm-without-a-mount", "base-that-moves")),
    ("yarn", ("install-without-a-mount", "owner-changed-in-a-layer-of-its-own", "command-in-shell-form")),
    ("fastapi", ("pip-with-a-bind-mount-alone", "full-base-of-a-named-release")),
    # -- several files
    ("flask", ("pip-without-a-mount", "open-to-everybody", "bytecode-at-the-root-alone", "image-built-again-for-the-tests")),
    ("flask", ("no-ignore-file", "source-copied-before-the-install")),
    ("flask", ("version-of-the-file", "pip-at-every-start", "open-to-everybody")),
    ("flask", ("windows-newlines", "history-in-the-context", "one-more-step-beside-the-sessions")),
    ("npm", ("no-ignore-file", "everything-into-the-image")),
    ("npm", ("ci-without-a-mount", "install-at-every-start", "no-secret-is-ignored", "compose-of-old-among-several-lines")),
    ("npm", ("bare-build-without-buildkit", "install-where-ci-serves")),
    ("fastapi", ("pip-with-a-bind-mount-alone", "flow-list-of-what-it-needs", "password-in-an-address")),
    ("fastapi", ("ignore-file-above-the-context", "database-of-the-latest", "compose-of-old")),
    ("fastapi", ("password-in-the-file", "database-open-to-everybody", "one-line-of-many")),
    ("monorepo", ("list-of-what-it-needs", "open-to-everybody-in-long-form", "one-scope-for-both-images")),
    ("monorepo", ("ci-without-a-mount", "output-kept-back", "one-ignore-file-of-two")),
    ("monorepo", ("install-production-where-ci-serves", "short-form-builds-the-image-again", "no-scope-for-either-image")),
    ("monorepo", ("python-past-its-end", "target-that-is-not-there", "ignore-file-that-no-build-reads")),
    ("svelte", ("ignore-file-beside-compose", "workspace-hides-the-build", "version-behind-a-comment")),
    ("svelte", ("packages-at-the-root-alone", "cache-read-but-never-written", "ci-without-a-mount")),
    ("uv", ("sync-without-a-mount", "action-by-its-tag", "file-of-versions-names-another-python")),
    ("django", ("every-permission", "key-in-a-list", "environment-files-at-the-root-alone")),
)  # fmt: skip


def together(repository: str, names: tuple[str, ...]) -> Defect:
    """The defects of these names in one repository; the id names them all."""
    return combined(f"{repository}/{'+'.join(names)}", *(ALONE[f"{repository}/{name}"] for name in names))


DEFECTS = tuple(together(repository, names) for repository, names in TOGETHER)
