"""Ignore files, compose files and workflows that a naive fix breaks."""

from tests.defects.values import Declined, Kept, Recode, Whole, swap, trap

D = "Dockerfile"
I = ".dockerignore"  # noqa: E741
C = "compose.yml"
W = ".github/workflows/ci.yml"
WEB = "web/Dockerfile"
WEB_IGNORE = "web/.dockerignore"

TRAPS = (
    # -- ignore files
    trap(
        "npm/no-ignore-file-and-files-by-name",
        Whole(I, None),
        Declined("ignore-missing"),
        reason="only files are copied that are named one by one: nothing else is sent, so the file would only be noise",
        level="unsafe",
    ),
    trap(
        "flask/source-left-out-on-purpose",
        Whole(I, "*\n!app\n!requirements.txt\napp/secrets\n"),
        Kept(I, "*\n!app\n!requirements.txt\napp/secrets\n"),
        reason="a list of what is allowed already leaves out whatever else could be named",
        level="unsafe",
    ),
    trap(
        "npm/folder-taken-back-in",
        Whole(I, ".git\n**/node_modules\n!vendor/node_modules\n**/.env\n"),
        Whole("vendor/node_modules/money/index.js", "export default 1;\n"),
        swap(
            D,
            "COPY --link package.json server.js ./",
            "COPY --link package.json server.js ./\nCOPY --link vendor ./vendor",
        ),
        Kept(I, "**/node_modules\n!vendor/node_modules"),
        reason="a line behind the last one would take the folder out again",
        level="unsafe",
    ),
    trap(
        "svelte/output-built-on-the-host",
        Whole(WEB_IGNORE, ".git\nnode_modules\n.env\n"),
        swap(WEB, "COPY --from=builder --link /srv/dist ./dist", "COPY --link dist ./dist"),
        Whole("web/dist/index.html", "<!doctype html>\n"),
        Declined("ignore-hides-copied"),
        reason="the Dockerfile copies dist: a standard list that names it would break the build",
        level="unsafe",
    ),
    trap(
        "npm/packages-of-the-host",
        Whole(I, None),
        swap(
            D, "COPY --from=builder --link /srv/node_modules ./node_modules", "COPY --link node_modules ./node_modules"
        ),
        Kept(D, "COPY --link node_modules ./node_modules"),
        reason="the ignore file that comes must not name node_modules",
        level="unsafe",
    ),
    trap(
        "flask/tests-run-in-the-image",
        Whole(I, None),
        swap(
            D,
            "COPY --link app ./app",
            "COPY --link app ./app\nCOPY --link tests ./tests\nRUN python -m unittest discover -s tests -t .",
        ),
        Kept(D, "COPY --link tests ./tests"),
        reason="the ignore file that comes must not name tests",
        level="unsafe",
    ),
    trap(
        "flask/version-from-the-history",
        Whole(I, None),
        swap(D, "COPY requirements.txt ./", "COPY .git ./.git\nCOPY requirements.txt ./"),
        Kept(D, "COPY .git ./.git"),
        reason="the ignore file that comes must not name .git: setuptools-scm and its like read it",
        level="unsafe",
    ),
    trap(
        "flask/history-in-a-bind-mount",
        Whole(I, None),
        swap(
            D,
            "RUN python -m venv /opt/venv",
            "RUN --mount=type=bind,source=.git,target=/build/.git python -m venv /opt/venv",
        ),
        Kept(D, "source=.git"),
        reason="a bind mount reads the context as COPY does",
        level="unsafe",
    ),
    trap(
        "django/readme-used-by-the-package",
        swap("pyproject.toml", 'version = "1.0.0"\n', 'version = "1.0.0"\nreadme = "README.md"\n'),
        Whole("README.md", "# Shop\n"),
        Whole(I, ".git\n**/__pycache__\n**/.venv\n**/.env\n"),
        swap(D, "COPY pyproject.toml poetry.lock ./", "COPY pyproject.toml poetry.lock README.md ./"),
        Kept(D, "README.md"),
        reason="what pyproject.toml names as its readme must reach the build",
        level="unsafe",
    ),
    trap(
        "npm/environment-file-that-is-copied",
        Whole(I, ".git\n**/node_modules\n"),
        Whole(".env.production", "PUBLIC_NAME=Orders\n"),
        swap(D, "COPY --link package.json server.js ./", "COPY --link package.json server.js .env.production ./"),
        Kept(D, ".env.production"),
        reason="a line for .env.* would hide what is copied; whether it should be copied is another question",
        level="unsafe",
    ),
    trap(
        "flask/file-beside-the-dockerfile-wins",
        Whole(I, "README.md\n"),
        Whole(
            "Dockerfile.dockerignore",
            ".git\n**/__pycache__\n**/.venv\n**/venv\n**/node_modules\n**/.env\n**/.env.*\n**/*.pem\n**/*.key\n**/build\n**/dist\n",
        ),
        Kept(I, "README.md\n"),
        reason="for this Dockerfile the other one counts: lines added here do nothing",
        level="unsafe",
    ),
    trap(
        "fastapi/lines-for-another-root",
        Whole(I, "api/tests\n"),
        Kept(I, "api/tests\n"),
        reason="at the root of the repository it is no build's ignore file: adding to it helps nobody",
        level="unsafe",
    ),
    trap(
        "flask/windows-newlines-of-the-ignore-file",
        Whole(I, ".git\n**/__pycache__\n"),
        Recode(I, newline="\r\n"),
        Kept(I, ".git\r\n**/__pycache__\r\n"),
        reason="lines added must end as the others do",
        level="unsafe",
    ),
    # -- compose
    trap(
        "fastapi/needed-service-without-a-health-check",
        swap(C, "    healthcheck:\n      test: [CMD-SHELL, pg_isready -U trips]\n      interval: 5s\n", ""),
        swap(C, "    depends_on:\n      db:\n        condition: service_healthy\n", "    depends_on: [db]\n"),
        Declined("compose-depends-on-without-condition"),
        Kept(C, "depends_on: [db]"),
        reason="a service without a health check never becomes healthy: the start would wait for ever",
    ),
    trap(
        "monorepo/job-that-ends",
        swap(
            C,
            "  front:\n    image: market/front:local\n",
            "  migrate:\n    image: market/catalog:local\n    command: [python, -c, pass]\n    depends_on: [catalog]\n    healthcheck:\n      disable: true\n\n  front:\n    image: market/front:local\n",
        ),
        swap(C, "      catalog:\n        condition: service_healthy\n", "      - migrate\n"),
        Declined("compose-healthcheck-missing"),
        Kept(C, "      - migrate\n"),
        reason="a job that ends is waited for with service_completed_successfully, never with service_healthy",
        level="unsafe",
    ),
    trap(
        "fastapi/anchors-and-order-stay",
        swap(
            C,
            "    depends_on:\n      db:\n        condition: service_healthy\n",
            "    depends_on: [db]  # the first one\n",
        ),
        Kept(C, "x-restart: &restart\n  restart: unless-stopped\n"),
        Kept(C, "    <<: *restart\n    image: trips/api:local\n"),
        Kept(C, "# the first one"),
        reason="a file that is parsed and written anew loses all this",
        level="unsafe",
    ),
    trap(
        "monorepo/shared-list-behind-an-anchor",
        swap(C, "services:\n", "x-needs: &needs [catalog]\n\nservices:\n"),
        swap(C, "    depends_on:\n      catalog:\n        condition: service_healthy\n", "    depends_on: *needs\n"),
        Kept(C, "depends_on: *needs"),
        reason="what others share by an alias cannot be changed for one of them",
    ),
    trap(
        "flask/version-that-somebody-reads",
        swap(C, "name: ledger\n", '# version is read by deploy.sh\nversion: "3.8"\nname: ledger\n'),
        Whole("deploy.sh", "#!/bin/sh\ngrep '^version' compose.yml\n"),
        Kept(C, "# version is read by deploy.sh"),
        reason="the comment must survive, whatever becomes of the key",
        level="unsafe",
    ),
    trap(
        "npm/published-for-other-machines",
        swap(C, '"127.0.0.1:3000:3000"', '"${BIND:-0.0.0.0}:3000:3000"'),
        Kept(C, '"${BIND:-0.0.0.0}:3000:3000"'),
        reason="who may reach it is the owner's decision, and it is written as one",
    ),
    trap(
        "npm/install-in-the-command-over-a-mounted-workspace",
        swap(
            C,
            "    ports:\n",
            '    command: sh -c "npm install && node server.js"\n    volumes:\n      - .:/srv\n    ports:\n',
        ),
        Declined("compose-install-in-command"),
        Kept(C, 'command: sh -c "npm install && node server.js"'),
        reason="with the workspace over /srv the packages of the image are hidden: without that install nothing starts",
        level="safe",
    ),
    trap(
        "fastapi/half-a-service-in-an-override-file",
        swap(
            "compose.override.yml",
            "    environment:\n      LOG_LEVEL: debug\n",
            '    command: [uvicorn, "trips.main:app", --host, "0.0.0.0", --port, "8000", --reload]\n',
        ),
        Kept("compose.override.yml", "--reload"),
        Declined("compose-healthcheck-missing"),
        Declined("compose-disagrees-with-dockerfile"),
        reason="the other half stands in compose.yml",
        level="unsafe",
    ),
    trap(
        "fastapi/required-variable",
        Kept(C, "${POSTGRES_PASSWORD:?set it in .env}"),
        Declined("compose-secret-in-file"),
        reason="a variable that must be set is no secret in the file",
        level="unsafe",
    ),
    trap(
        "pnpm/service-with-image-and-build",
        Kept(C, "    image: quotes/quotes:local\n    build:\n"),
        reason="with build, image is only the name of what is built",
        level="unsafe",
    ),
    # -- workflows
    trap(
        "uv/release-that-pushes",
        swap(
            W,
            "    permissions:\n      contents: read # to check out\n",
            "    permissions:\n      contents: read # to check out\n      packages: write # to push\n",
        ),
        swap(
            W, "          tags: stock:ci\n", "          tags: registry.example.org/stock:latest\n          push: true\n"
        ),
        Declined("workflow-wide-permissions"),
        Kept(W, "packages: write # to push"),
        reason="it pushes to the registry of packages",
        level="unsafe",
    ),
    trap(
        "django/credentials-that-a-later-step-needs",
        swap(W, "          persist-credentials: false\n", "          persist-credentials: true\n"),
        swap(
            W,
            "          cache-to: type=gha,mode=max,scope=shop\n",
            "          cache-to: type=gha,mode=max,scope=shop\n      - run: git push origin HEAD:built\n",
        ),
        Declined("workflow-credentials-kept"),
        Kept(W, "persist-credentials: true"),
        reason="git push uses them",
        level="unsafe",
    ),
    trap(
        "npm/compose-of-old-as-a-word",
        swap(
            W,
            "      - run: npm run lint\n",
            "      - run: npm run lint\n      - run: npx prettier --check docker-compose.yml docs/docker-compose-notes.md\n",
        ),
        Declined("workflow-compose-v1"),
        Kept(W, "docker-compose.yml docs/docker-compose-notes.md"),
        reason="the names of files are no command",
        level="unsafe",
    ),
    trap(
        "monorepo/matrix-with-one-scope-each",
        swap(W, "cache-from: type=gha,scope=catalog", "cache-from: type=gha,scope=${{ github.ref_name }}-catalog"),
        swap(
            W,
            "cache-to: type=gha,mode=max,scope=catalog",
            "cache-to: type=gha,mode=max,scope=${{ github.ref_name }}-catalog",
        ),
        Declined("workflow-shared-cache-scope"),
        Kept(W, "scope=${{ github.ref_name }}-catalog"),
        reason="the scopes differ, though only behind the branch",
        level="unsafe",
    ),
    trap(
        "uv/draft-of-a-workflow",
        Whole(
            ".github/workflows/release.yaml.draft", "jobs:\n  build:\n    steps:\n      - uses: actions/checkout@v2\n"
        ),
        Kept(".github/workflows/release.yaml.draft", "actions/checkout@v2"),
        Declined("workflow-action-unpinned"),
        reason="GitHub does not run it",
        level="unsafe",
    ),
    trap(
        "flask/windows-newlines-of-the-workflow",
        swap(
            W, "      - run: nox -s tests\n", "      - run: nox -s tests\n      - run: docker-compose config --quiet\n"
        ),
        Recode(W, newline="\r\n"),
        Kept(W, "      - run: nox -s tests\r\n"),
        reason="bytes outside of the fix are not ours",
        level="unsafe",
    ),
)
