"""Defects of ignore files."""

from tests.defects.loader import clean
from tests.defects.values import Whole, defect, found, swap

I = ".dockerignore"  # noqa: E741
API = "api/.dockerignore"
WEB = "web/.dockerignore"
FRONT = "services/front/.dockerignore"
D = "Dockerfile"
NAMED = "COPY --link package.json server.js ./"
USUAL = clean("flask")[I]
SECRETS = "**/.env\n**/.env.*\n**/*.pem\n**/*.key\n**/.npmrc\n**/.netrc\n"

DEFECTS = (
    # A file that is not there has no line of its own: the finding is about the Dockerfile that lacks it.
    defect("flask/no-ignore-file", Whole(I, None), found("ignore-missing", D), safe=True),
    defect(
        "npm/no-ignore-file",
        Whole(I, None),
        Whole("public/index.html", "<!doctype html>\n"),
        swap(D, NAMED, f"{NAMED}\nCOPY --link public ./public"),
        found("ignore-missing", D),
        safe=True,
        note="without the folder it would be none: where files are named one by one the engine asks for no other, and an "
        "ignore file changes nothing (npm/no-ignore-file-and-files-by-name)",
    ),
    defect(
        "monorepo/one-ignore-file-of-two",
        Whole(FRONT, None),
        found("ignore-missing", "services/front/Dockerfile"),
        safe=True,
    ),
    defect(
        "fastapi/ignore-file-above-the-context",
        Whole(API, None),
        Whole(I, USUAL),
        found("ignore-dead", I),
        found("ignore-missing", "api/Dockerfile"),
    ),
    defect(
        "svelte/ignore-file-beside-compose",
        Whole(WEB, None),
        Whole("infra/.dockerignore", USUAL),
        found("ignore-dead", "infra/.dockerignore"),
        found("ignore-missing", "web/Dockerfile"),
    ),
    defect("monorepo/ignore-file-that-no-build-reads", Whole(I, USUAL), found("ignore-dead", I)),
    defect(
        "yarn/ignore-file-in-the-shadow-of-another",
        Whole("Dockerfile.dockerignore", USUAL),
        found("ignore-dead", I),
        note="the file beside the Dockerfile with its name in front wins over the one at the root of the context",
    ),
    defect(
        "flask/bytecode-at-the-root-alone",
        swap(I, "**/__pycache__\n", "__pycache__\n"),
        found("ignore-root-anchored", I, "__pycache__\n**/*.py[cod]"),
        safe=True,
    ),
    defect(
        "svelte/packages-at-the-root-alone",
        swap(WEB, "**/node_modules\n", "/node_modules\n"),
        Whole("web/widgets/package.json", '{ "name": "widgets", "private": true }\n'),
        found("ignore-root-anchored", WEB, "/node_modules"),
        safe=True,
    ),
    defect(
        "django/environment-files-at-the-root-alone",
        swap(I, "**/.env\n", ".env\n"),
        Whole("shop/.env", "SHOP_SECRET_KEY=correct-horse-battery\n"),
        found("ignore-root-anchored", I, ".env\n**/.env.*"),
        safe=True,
        also="ignore-lacks-secrets",
    ),
    defect("flask/history-in-the-context", swap(I, ".git\n", ""), found("ignore-incomplete", I), safe=True),
    defect("npm/packages-in-the-context", swap(I, "**/node_modules\n", ""), found("ignore-incomplete", I), safe=True),
    defect(
        "django/bytecode-in-the-context",
        swap(I, "**/__pycache__\n**/*.py[cod]\n", ""),
        found("ignore-incomplete", I),
        safe=True,
    ),
    defect(
        "flask/environments-in-the-context",
        swap(I, "**/.venv\n**/venv\n", ""),
        found("ignore-incomplete", I),
        safe=True,
    ),
    defect(
        "svelte/build-output-in-the-context",
        swap(WEB, "**/build\n**/dist\n", ""),
        found("ignore-incomplete", WEB),
        safe=True,
    ),
    defect(
        "fastapi/one-line-of-many",
        Whole(API, "README.md\n"),
        found("ignore-incomplete", API),
        found("ignore-lacks-secrets", API),
        safe=True,
    ),
    defect(
        "flask/environment-file-in-the-context",
        swap(I, "**/.env\n**/.env.*\n", ""),
        Whole(".env", "API_KEY=correct-horse-battery\n"),
        swap(D, "COPY --link app ./app", "COPY --link . ."),
        found("ignore-lacks-secrets", I),
        safe=True,
        also="copy-too-wide secret-in-build",
    ),
    defect("npm/no-secret-is-ignored", swap(I, SECRETS, ""), found("ignore-lacks-secrets", I), safe=True),
    defect(
        "django/private-key-in-the-context",
        swap(I, "**/*.pem\n**/*.key\n", ""),
        Whole("certs/server.key", "no real key\n"),
        found("ignore-lacks-secrets", I),
        safe=True,
    ),
    defect(
        "npm/lock-file-hidden",
        swap(I, "tests\n", "tests\npackage-lock.json\n"),
        found("ignore-hides-copied", I, "package-lock.json"),
        also="copy-of-ignored",
        builds=False,
    ),
    defect(
        "flask/application-hidden",
        swap(I, "tests\n", "tests\napp/\n"),
        found("ignore-hides-copied", I, "app/"),
        also="copy-of-ignored",
        builds=False,
    ),
    defect(
        "svelte/everything-hidden-but-the-manifests",
        Whole(WEB, "*\n!package.json\n!package-lock.json\n"),
        found("ignore-hides-copied", WEB, "*\n"),
        also="copy-of-ignored ignore-incomplete ignore-lacks-secrets",
        builds=False,
    ),
    defect(
        "monorepo/sources-hidden-by-a-wildcard",
        swap(FRONT, "tests\n", "tests\n**/*.js\n"),
        found("ignore-hides-copied", FRONT, "**/*.js"),
        also="copy-of-ignored",
        builds=False,
    ),
)
