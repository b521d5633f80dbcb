"""The rules of the audit: one module each, whose docstring is its page; the table below is all that knows them."""

from drydock.audit.rule import Rule
from drydock.rules import (
    base_not_pinned,
    cache_mount_defeated,
    compose_depends_on_without_condition,
    copy_of_ignored,
    ignore_missing,
    install_without_cache_mount,
    manifest_after_source,
    npm_install_over_ci,
    python_env_missing,
    root_user,
    secret_in_build,
    workflow_no_build_cache,
)

RULES: tuple[Rule, ...] = (
    base_not_pinned.RULE,
    cache_mount_defeated.RULE,
    compose_depends_on_without_condition.RULE,
    copy_of_ignored.RULE,
    ignore_missing.RULE,
    install_without_cache_mount.RULE,
    manifest_after_source.RULE,
    npm_install_over_ci.RULE,
    python_env_missing.RULE,
    root_user.RULE,
    secret_in_build.RULE,
    workflow_no_build_cache.RULE,
)
