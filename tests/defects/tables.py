"""All defects and traps, and every code that the audit knows."""

from datetime import date

from tests.defects import (
    combinations,
    composing,
    dockerfile_node,
    dockerfile_python,
    ignoring,
    sources,
    syntax,
    traps_dockerfile,
    traps_files,
    workflows,
)

SINGLE = (
    *dockerfile_python.DEFECTS,
    *dockerfile_node.DEFECTS,
    *ignoring.DEFECTS,
    *composing.DEFECTS,
    *workflows.DEFECTS,
    *sources.DEFECTS,
    *syntax.DEFECTS,
)
DEFECTS = (*SINGLE, *combinations.DEFECTS)
TODAY = date(2026, 11, 1)
"""The day on which the clean repositories are clean: later, their bases come to the end of their lives."""

TRAPS = (*traps_dockerfile.TRAPS, *traps_files.TRAPS)

CODES = frozenset(
    [
        "install-without-cache-mount",
        "cache-mount-defeated",
        "manifest-after-source",
        "install-triggered-by-more",
        "npm-install-over-ci",
        "single-stage",
        "build-tools-in-image",
        "package-cache-in-image",
        "dev-dependencies-in-image",
        "full-base-image",
        "base-past-end-of-life",
        "base-not-pinned",
        "python-env-missing",
        "root-user",
        "healthcheck-missing",
        "healthcheck-tool-missing",
        "secret-in-build",
        "add-over-copy",
        "apt-discipline",
        "chown-doubles-layer",
        "copy-too-wide",
        "copy-of-ignored",
        "argument-too-early",
        "shell-form-command",
        "link-missing",
        "mount-owner-mismatch",
        "ignore-missing",
        "ignore-dead",
        "ignore-root-anchored",
        "ignore-incomplete",
        "ignore-lacks-secrets",
        "ignore-hides-copied",
        "compose-install-in-command",
        "compose-node-modules-volume",
        "compose-healthcheck-missing",
        "compose-depends-on-without-condition",
        "compose-obsolete-key",
        "compose-image-built-twice",
        "compose-port-on-all-interfaces",
        "compose-secret-in-file",
        "compose-mount-hides-build",
        "compose-disagrees-with-dockerfile",
        "compose-latest-image",
        "workflow-buildkit-implicit",
        "workflow-no-build-cache",
        "workflow-shared-cache-scope",
        "workflow-image-built-twice",
        "workflow-compose-v1",
        "workflow-action-unpinned",
        "workflow-wide-permissions",
        "workflow-credentials-kept",
        "workflow-bypasses-sessions",
        "workflow-cache-driver",
        "ci-builds-other-image",
        "runtime-disagrees",
        "version-disagrees",
        "unreadable-source",
        "suppression-without-reason",
        "suppression-expired",
    ]
)
