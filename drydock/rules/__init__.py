"""The rules of the audit: one module each, whose docstring is its page; the table below is all that knows them."""

from drydock.audit.rule import Rule
from drydock.rules import base_not_pinned, cache_mount_defeated, install_without_cache_mount

RULES: tuple[Rule, ...] = (
    base_not_pinned.RULE,
    cache_mount_defeated.RULE,
    install_without_cache_mount.RULE,
)
