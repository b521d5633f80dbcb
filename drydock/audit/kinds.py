"""Which of the kinds that are audited a file is, by its name. Pure."""

import posixpath
import re

DOCKERFILE = re.compile(r"(dockerfile|containerfile)([._-][\w.-]+)?|[\w.-]+\.(dockerfile|containerfile)", re.IGNORECASE)
NO_DOCKERFILE = re.compile(
    r".*\.(dockerignore|containerignore|j2|jinja2?|tmpl|tpl|template|md|rst|txt|py|sh|js|ts|json|ya?ml|go|orig|bak|swp)",
    re.IGNORECASE,
)
COMPOSE = re.compile(r"([\w.-]+[._-])?(docker-)?compose([._-][\w.-]+)?\.ya?ml", re.IGNORECASE)
OVERRIDE = re.compile(r"[._-](override|dev|prod|production|ci|test|local|staging|debug)\b", re.IGNORECASE)
WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")


def is_dockerfile(path: str) -> bool:
    """Whether it is named like a Dockerfile, and not like a template of one or a text about it."""
    name = posixpath.basename(path)
    return DOCKERFILE.fullmatch(name) is not None and NO_DOCKERFILE.fullmatch(name) is None


def is_compose_file(path: str) -> bool:
    return COMPOSE.fullmatch(posixpath.basename(path)) is not None


def is_override(path: str) -> bool:
    """Whether a compose file is named like one that only completes another."""
    return OVERRIDE.search(posixpath.basename(path)) is not None


def is_workflow(path: str) -> bool:
    return WORKFLOW.fullmatch(path) is not None


def is_ignore_file(path: str) -> bool:
    return posixpath.basename(path).endswith(".dockerignore")
