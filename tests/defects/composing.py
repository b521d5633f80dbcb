"""Defects of compose files."""

from tests.defects.values import defect, found, swap

C = "compose.yml"
WEB = "infra/compose.yml"
NPM_PORTS = '    ports:\n      - "127.0.0.1:3000:3000"\n'
FLASK_PORTS = '    ports:\n      - "127.0.0.1:5000:5000"\n'
WEB_PORTS = '    ports:\n      - "127.0.0.1:5173:5173"\n'
PNPM_PORTS = '    ports:\n      - "127.0.0.1:4000:4000"\n'
CATALOG_PORTS = '    ports:\n      - "127.0.0.1:8081:8081"\n'
NOT_SAFE = "no safe fix: what never becomes healthy would keep the other one from starting"
CONDITION = "    depends_on:\n      catalog:\n        condition: service_healthy\n"
DB_CONDITION = "    depends_on:\n      db:\n        condition: service_healthy\n"
DB_HEALTH = "    healthcheck:\n      test: [CMD-SHELL, pg_isready -U trips]\n      interval: 5s\n"

DEFECTS = (
    # -- install in the command
    defect(
        "npm/install-at-every-start",
        swap(C, NPM_PORTS, f'{NPM_PORTS}    command: sh -c "npm install && node server.js"\n'),
        found("compose-install-in-command", C, "    command: sh"),
        also="runtime-disagrees",
    ),
    defect(
        "flask/pip-at-every-start",
        swap(
            C,
            FLASK_PORTS,
            f"{FLASK_PORTS}    command:\n      - /bin/sh\n      - -c\n      - pip install -r requirements.txt && flask --app app run --host 0.0.0.0\n",
        ),
        found("compose-install-in-command", C, "    command:", "pip install"),
        also="runtime-disagrees",
    ),
    defect(
        "svelte/install-at-every-start-in-a-folded-command",
        swap(
            WEB,
            WEB_PORTS,
            f"{WEB_PORTS}    command: >-\n      sh -c 'npm ci\n      && npm run preview -- --host 0.0.0.0 --port 5173'\n",
        ),
        found("compose-install-in-command", WEB, "    command: >-", "npm ci"),
        also="runtime-disagrees",
    ),
    # -- mounts
    defect(
        "npm/workspace-hides-the-packages",
        swap(C, NPM_PORTS, f"{NPM_PORTS}    volumes:\n      - .:/srv\n"),
        found("compose-node-modules-volume", C, "    volumes:", "- .:/srv"),
        also="compose-mount-hides-build",
    ),
    defect(
        "pnpm/anonymous-volume-over-the-packages",
        swap(
            C,
            PNPM_PORTS,
            f"{PNPM_PORTS}    volumes:\n      - ./server.js:/srv/server.js:ro\n      - /srv/node_modules\n",
        ),
        found("compose-node-modules-volume", C, "- /srv/node_modules", "    volumes:"),
    ),
    defect(
        "svelte/workspace-hides-the-build",
        swap(WEB, WEB_PORTS, f"{WEB_PORTS}    volumes:\n      - ../web:/srv\n"),
        found("compose-mount-hides-build", WEB, "    volumes:", "- ../web:/srv"),
        also="compose-node-modules-volume",
    ),
    defect(
        "monorepo/workspace-hides-the-build",
        swap(
            C,
            '      - "127.0.0.1:8082:8082"\n',
            '      - "127.0.0.1:8082:8082"\n    volumes:\n      - type: bind\n        source: ./services/front\n        target: /srv\n',
        ),
        found(
            "compose-mount-hides-build",
            C,
            "    volumes:",
            "- type: bind",
            "        source: ./services/front",
            "        target: /srv",
        ),
        also="compose-node-modules-volume",
        note="out/ is built in the image alone",
    ),
    defect(
        "flask/workspace-hides-the-environment",
        swap(C, FLASK_PORTS, f"{FLASK_PORTS}    volumes:\n      - ./venv:/opt/venv\n"),
        found("compose-mount-hides-build", C, "    volumes:", "- ./venv:/opt/venv"),
    ),
    # -- health
    defect(
        "fastapi/database-without-a-health-check",
        swap(C, DB_HEALTH, ""),
        swap(C, "condition: service_healthy", "condition: service_started"),
        found("compose-healthcheck-missing", C, "  db:\n    <<", "    image: postgres"),
        also="compose-depends-on-without-condition",
    ),
    defect(
        "flask/cache-without-a-health-check",
        swap(C, FLASK_PORTS, f"{FLASK_PORTS}\n  cache:\n    image: redis:8.2.2-bookworm\n"),
        found("compose-healthcheck-missing", C, "  cache:", "    image: redis"),
    ),
    defect(
        "npm/health-check-switched-off",
        swap(C, NPM_PORTS, f"{NPM_PORTS}    healthcheck:\n      disable: true\n"),
        found("compose-healthcheck-missing", C, "    healthcheck:", "  orders:", "disable: true"),
    ),
    defect(
        "monorepo/list-of-what-it-needs",
        swap(C, CONDITION, "    depends_on:\n      - catalog\n"),
        found("compose-depends-on-without-condition", C, "    depends_on:", "      - catalog"),
        note=f"catalog has a health check in its image; {NOT_SAFE}",
    ),
    defect(
        "fastapi/flow-list-of-what-it-needs",
        swap(C, DB_CONDITION, "    depends_on: [db]\n"),
        found("compose-depends-on-without-condition", C, "depends_on: [db]"),
        note=NOT_SAFE,
    ),
    defect(
        "monorepo/started-is-not-healthy",
        swap(C, "condition: service_healthy", "condition: service_started"),
        found(
            "compose-depends-on-without-condition",
            C,
            "    depends_on:",
            "      catalog:\n        condition",
            "condition: service_started",
        ),
        note=NOT_SAFE,
    ),
    # -- keys
    defect(
        "flask/version-of-the-file",
        swap(C, "name: ledger\n", 'version: "3.8"\n\nname: ledger\n'),
        found("compose-obsolete-key", C, "version:"),
        safe=True,
    ),
    defect(
        "svelte/version-behind-a-comment",
        swap(WEB, "name: board\n", "# the format\nversion: '2'  # never changed\nname: board\n"),
        found("compose-obsolete-key", WEB, "version: '2'"),
        safe=True,
    ),
    # -- images
    defect(
        "fastapi/worker-builds-the-image-again",
        swap(
            C,
            "  db:\n    <<: *restart\n",
            "  worker:\n    <<: *restart\n    build:\n      context: api\n    command: [python, -m, trips.worker]\n    depends_on:\n      db:\n        condition: service_healthy\n\n  db:\n    <<: *restart\n",
        ),
        found("compose-image-built-twice", C, "  worker:", "    build:\n      context: api\n    command", "  api:"),
        also="runtime-disagrees",
    ),
    defect(
        "monorepo/short-form-builds-the-image-again",
        swap(
            C,
            "  front:\n    image: market/front:local\n",
            "  indexer:\n    build: ./services/catalog\n    command: [python, -m, catalog]\n\n  front:\n    image: market/front:local\n",
        ),
        found("compose-image-built-twice", C, "  indexer:", "build: ./services/catalog", "  catalog:\n    image"),
        also="runtime-disagrees",
    ),
    defect(
        "fastapi/database-of-the-latest",
        swap(C, "postgres:17.6-bookworm", "postgres:latest"),
        found("compose-latest-image", C, "image: postgres:latest"),
    ),
    defect(
        "npm/queue-without-a-tag",
        swap(
            C,
            NPM_PORTS,
            f"{NPM_PORTS}\n  queue:\n    image: rabbitmq\n    healthcheck:\n      test: [CMD, rabbitmq-diagnostics, ping]\n",
        ),
        found("compose-latest-image", C, "image: rabbitmq"),
    ),
    # -- ports
    defect(
        "flask/open-to-everybody",
        swap(C, '"127.0.0.1:5000:5000"', '"5000:5000"'),
        found("compose-port-on-all-interfaces", C, '- "5000:5000"', "    ports:"),
    ),
    defect(
        "fastapi/database-open-to-everybody",
        swap(C, "    volumes:\n      - data:", "    ports:\n      - 5432:5432\n    volumes:\n      - data:"),
        found("compose-port-on-all-interfaces", C, "- 5432:5432"),
    ),
    defect(
        "monorepo/open-to-everybody-in-long-form",
        swap(C, CATALOG_PORTS, '    ports:\n      - target: 8081\n        published: "8081"\n'),
        found("compose-port-on-all-interfaces", C, "- target: 8081", 'published: "8081"'),
    ),
    # -- secrets
    defect(
        "fastapi/password-in-the-file",
        swap(
            C,
            "      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set it in .env}",
            "      POSTGRES_PASSWORD: correct-horse-battery",
        ),
        found("compose-secret-in-file", C, "POSTGRES_PASSWORD: correct"),
    ),
    defect(
        "fastapi/password-in-an-address",
        swap(C, "trips:${POSTGRES_PASSWORD:?set it in .env}@db", "trips:correct-horse-battery@db"),
        found("compose-secret-in-file", C, "DATABASE_URL"),
    ),
    defect(
        "django/key-in-a-list",
        swap(
            C,
            "      SHOP_SECRET_KEY: ${SHOP_SECRET_KEY:?set it in .env}\n",
            "      - SHOP_SECRET_KEY=correct-horse-battery\n",
        ),
        found("compose-secret-in-file", C, "- SHOP_SECRET_KEY"),
    ),
    # -- against the Dockerfile
    defect(
        "monorepo/target-that-is-not-there",
        swap(
            C,
            "      context: services/front\n      target: runtime\n",
            "      context: services/front\n      target: production\n",
        ),
        found("compose-disagrees-with-dockerfile", C, "target: production"),
        also="ci-builds-other-image",
        builds=False,
    ),
    defect(
        "flask/port-on-which-nobody-listens",
        swap(C, "127.0.0.1:5000:5000", "127.0.0.1:5000:8000"),
        found("compose-disagrees-with-dockerfile", C, "127.0.0.1:5000:8000", "    ports:"),
        also="runtime-disagrees",
    ),
    defect(
        "npm/health-check-of-another-port",
        swap(
            C,
            NPM_PORTS,
            NPM_PORTS + "    healthcheck:\n      test: [CMD, node, -e, \"fetch('http://127.0.0.1:8080/health')\"]\n",
        ),
        found("compose-disagrees-with-dockerfile", C, "    healthcheck:", "test: [CMD, node"),
        also="runtime-disagrees",
    ),
)
