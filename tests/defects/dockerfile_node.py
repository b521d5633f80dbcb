"""Defects of Dockerfiles of Node services."""

from tests.defects.values import Whole, defect, found, swap

D = "Dockerfile"
WEB = "web/Dockerfile"
FRONT = "services/front/Dockerfile"
NPM_MOUNT = "--mount=type=cache,target=/root/.npm \\\n    "
NPM_CI = f"RUN {NPM_MOUNT}npm ci --omit=dev"
BUILDER = "FROM node:22-slim AS builder"
RUNTIME = "FROM node:22-slim AS runtime"
HEALTH = (
    'HEALTHCHECK --interval=5s --timeout=3s CMD ["node", "-e", "fetch(\'http://127.0.0.1:{port}/health\')'
    '.then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]\n'
)
PREVIEW = 'CMD ["npm", "run", "preview", "--", "--host", "0.0.0.0", "--port", "5173"]'

NAIVE = """\
FROM node:22
WORKDIR /srv
COPY . .
RUN npm install
RUN npm run build
EXPOSE 5173
CMD ["npm", "run", "preview", "--", "--host", "0.0.0.0", "--port", "5173"]
"""
SINGLE = """\
FROM node:22-slim
ENV NODE_ENV=production
WORKDIR /srv
RUN apt-get update \\
    && apt-get install --no-install-recommends -y g++ make python3 \\
    && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \\
    npm ci --omit=dev
COPY --link server.js ./
USER 1000:1000
EXPOSE 3000
"""

DEFECTS = (
    # -- install-without-cache-mount
    defect(
        "npm/ci-without-a-mount",
        swap(D, NPM_CI, "RUN npm ci --omit=dev"),
        found("install-without-cache-mount", D, "RUN npm ci"),
        safe=True,
    ),
    defect(
        "svelte/ci-without-a-mount",
        swap(WEB, f"RUN {NPM_MOUNT}npm ci", "RUN npm ci"),
        found("install-without-cache-mount", WEB, "RUN npm ci"),
        safe=True,
    ),
    defect(
        "monorepo/ci-without-a-mount",
        swap(FRONT, NPM_CI, "RUN npm ci --omit=dev"),
        found("install-without-cache-mount", FRONT, "RUN npm ci"),
        safe=True,
    ),
    defect(
        "pnpm/install-without-a-mount",
        swap(D, "--mount=type=cache,target=/root/.local/share/pnpm/store \\\n    ", ""),
        found("install-without-cache-mount", D, "RUN pnpm install"),
        safe=True,
    ),
    defect(
        "pnpm/npm-that-brings-pnpm-without-a-mount",
        swap(D, NPM_MOUNT, ""),
        found("install-without-cache-mount", D, "RUN npm install --global"),
        safe=True,
    ),
    defect(
        "yarn/install-without-a-mount",
        swap(D, "--mount=type=cache,target=/usr/local/share/.cache/yarn \\\n    ", ""),
        found("install-without-cache-mount", D, "RUN yarn install"),
        safe=True,
    ),
    defect(
        "svelte/apk-without-a-mount",
        swap(
            WEB,
            "WORKDIR /srv\nCOPY --from=packages",
            "RUN apk add --no-cache tzdata\nWORKDIR /srv\nCOPY --from=packages",
        ),
        found("install-without-cache-mount", WEB, "RUN apk add"),
        safe=True,
        note="--no-cache has to go when the mount comes",
        also="cache-mount-defeated",
    ),
    # -- cache-mount-defeated
    defect(
        "npm/cache-cleaned-out-of-the-mount",
        swap(D, "npm ci --omit=dev", "npm ci --omit=dev && npm cache clean --force"),
        found("cache-mount-defeated", D, "RUN --mount=type=cache", "npm cache clean"),
        safe=True,
    ),
    defect(
        "yarn/cache-cleaned-out-of-the-mount",
        swap(
            D,
            "--frozen-lockfile --production",
            "--frozen-lockfile --production \\\n    && rm -rf /usr/local/share/.cache/yarn/v6",
        ),
        found("cache-mount-defeated", D, "RUN --mount=type=cache", "rm -rf /usr/local"),
        safe=True,
    ),
    defect(
        "svelte/cache-removed-out-of-the-mount",
        swap(WEB, "    npm ci\n", "    npm ci && rm -rf /root/.npm/*\n"),
        found("cache-mount-defeated", WEB, "RUN --mount=type=cache", "rm -rf /root/.npm"),
        safe=True,
    ),
    # -- order
    defect(
        "npm/source-copied-before-the-install",
        swap(D, "COPY package.json package-lock.json ./", "COPY . ."),
        found("manifest-after-source", D, "COPY . .", "RUN --mount=type=cache"),
        safe=True,
        also="install-triggered-by-more copy-too-wide",
    ),
    defect(
        "yarn/source-copied-before-the-install",
        swap(D, "COPY package.json yarn.lock ./", "COPY src ./src\nCOPY package.json yarn.lock ./"),
        found("manifest-after-source", D, "COPY src ./src\n", "COPY package.json yarn.lock", "yarn install"),
        safe=True,
        also="install-triggered-by-more",
    ),
    defect(
        "npm/install-triggered-by-the-server",
        swap(D, "COPY package.json package-lock.json ./", "COPY package.json package-lock.json server.js ./"),
        found("install-triggered-by-more", D, "COPY package.json package-lock.json server.js", NPM_CI),
        also="manifest-after-source",
    ),
    defect(
        "svelte/install-triggered-by-the-page",
        swap(
            WEB,
            "COPY package.json package-lock.json ./",
            "COPY package.json package-lock.json index.html vite.config.js ./",
        ),
        swap(WEB, "COPY index.html vite.config.js ./\n", ""),
        found("install-triggered-by-more", WEB, "COPY package.json package-lock.json index.html", "    npm ci"),
        also="manifest-after-source",
    ),
    defect(
        "svelte/address-declared-before-the-install",
        swap(WEB, "ARG PUBLIC_API_BASE_URL=http://localhost:5001\n", ""),
        swap(
            WEB,
            "FROM node:22-alpine AS packages\n",
            "FROM node:22-alpine AS packages\nARG PUBLIC_API_BASE_URL=http://localhost:5001\nENV PUBLIC_API_BASE_URL=$PUBLIC_API_BASE_URL\n",
        ),
        found("argument-too-early", WEB, "ARG PUBLIC_API", "ENV PUBLIC_API"),
    ),
    defect(
        "npm/revision-declared-before-the-install",
        swap(D, f"{BUILDER}\n", f"{BUILDER}\nARG REVISION\n"),
        found("argument-too-early", D, "ARG REVISION"),
    ),
    # -- npm install
    defect(
        "npm/install-where-ci-serves",
        swap(D, "npm ci --omit=dev", "npm install --omit=dev"),
        found("npm-install-over-ci", D, "RUN --mount=type=cache", "npm install"),
        safe=True,
    ),
    defect(
        "svelte/i-where-ci-serves",
        swap(WEB, "    npm ci\n", "    npm i\n"),
        found("npm-install-over-ci", WEB, "RUN --mount=type=cache", "npm i\n"),
        safe=True,
    ),
    defect(
        "monorepo/install-production-where-ci-serves",
        swap(FRONT, "npm ci --omit=dev", "npm install --production --no-audit"),
        found("npm-install-over-ci", FRONT, "RUN --mount=type=cache", "npm install"),
        safe=True,
    ),
    # -- what stays in the image
    defect(
        "npm/one-stage-with-its-compiler",
        Whole(D, SINGLE + HEALTH.format(port=3000) + 'CMD ["node", "server.js"]\n'),
        found("single-stage", D, "FROM node"),
        found("build-tools-in-image", D, "RUN apt-get", "g++ make python3"),
        found("install-without-cache-mount", D, "RUN apt-get"),
        also="cache-mount-defeated link-missing",
    ),
    defect(
        "svelte/as-it-is-found-everywhere",
        Whole(WEB, NAIVE),
        found("full-base-image", WEB, "FROM node"),
        found("single-stage", WEB, "FROM node"),
        found("manifest-after-source", WEB, "COPY . .", "RUN npm install"),
        found("install-without-cache-mount", WEB, "RUN npm install"),
        found("npm-install-over-ci", WEB, "RUN npm install"),
        found("root-user", WEB, "FROM node", "CMD ["),
        found("healthcheck-missing", WEB, "FROM node"),
        also="copy-too-wide install-triggered-by-more package-cache-in-image build-tools-in-image "
        "dev-dependencies-in-image compose-healthcheck-missing link-missing compose-disagrees-with-dockerfile",
    ),
    defect(
        "npm/compiler-in-the-last-stage",
        swap(
            D,
            f"{RUNTIME}\n",
            f"{RUNTIME}\nRUN apt-get update && apt-get install -y --no-install-recommends make g++ && rm -rf /var/lib/apt/lists/*\n",
        ),
        found("build-tools-in-image", D, "RUN apt-get"),
        found("install-without-cache-mount", D, "RUN apt-get"),
        also="cache-mount-defeated",
    ),
    defect(
        "npm/install-leaves-its-cache",
        swap(
            D,
            "COPY --link package.json server.js ./",
            "RUN npm install --global pm2@6.0.13\nCOPY --link package.json server.js ./",
        ),
        found("package-cache-in-image", D, "RUN npm install --global"),
        found("install-without-cache-mount", D, "RUN npm install --global"),
        safe=True,
    ),
    defect(
        "npm/development-packages-shipped",
        swap(D, "npm ci --omit=dev", "npm ci"),
        found("dev-dependencies-in-image", D, "RUN --mount=type=cache", "COPY --from=builder", "    npm ci"),
    ),
    defect(
        "pnpm/development-packages-shipped",
        swap(
            "package.json",
            '"packageManager"',
            '"devDependencies": {\n    "prettier": "3.6.2"\n  },\n  "packageManager"',
        ),
        swap(
            "pnpm-lock.yaml",
            "        version: 4.9.9\n",
            "        version: 4.9.9\n    devDependencies:\n      prettier:\n        specifier: 3.6.2\n        version: 3.6.2\n",
        ),
        swap(
            "pnpm-lock.yaml",
            "snapshots:\n",
            "  prettier@3.6.2:\n    resolution: {integrity: sha512-I7AIg5boAr5R0FFtJ6rCfD+LFsWHp81dolrFD8S79U9tb8Az2nGrJncnMSnys+bpQJfRUzqs9hnA81OAA3hCuQ==}\n    engines: {node: '>=14'}\n    hasBin: true\n\nsnapshots:\n",
        ),
        swap("pnpm-lock.yaml", "  hono@4.9.9: {}\n", "  hono@4.9.9: {}\n\n  prettier@3.6.2: {}\n"),
        swap(D, "--frozen-lockfile --prod", "--frozen-lockfile"),
        found(
            "dev-dependencies-in-image",
            D,
            "target=/root/.local/share/pnpm/store",
            "pnpm install",
            "COPY --from=builder",
        ),
    ),
    # -- bases
    defect(
        "npm/full-base-at-run-time",
        swap(D, RUNTIME, "FROM node:22 AS runtime"),
        found("full-base-image", D, "FROM node:22 AS"),
        also="build-tools-in-image",
    ),
    defect(
        "yarn/full-base-of-a-named-release",
        swap(D, RUNTIME, "FROM node:22-bookworm AS runtime"),
        found("full-base-image", D, "FROM node:22-bookworm"),
        also="build-tools-in-image",
    ),
    defect(
        "svelte/node-past-its-end",
        swap(WEB, "FROM node:22-alpine AS packages", "FROM node:18-alpine AS packages"),
        swap(WEB, "FROM node:22-alpine AS runtime", "FROM node:18-alpine AS runtime"),
        found("base-past-end-of-life", WEB, "FROM node:18-alpine AS runtime", "FROM node:18-alpine AS packages"),
    ),
    defect(
        "yarn/node-past-its-end",
        swap(D, BUILDER, "FROM node:16-slim AS builder"),
        swap(D, RUNTIME, "FROM node:16-slim AS runtime"),
        found("base-past-end-of-life", D, "FROM node:16-slim AS runtime", "FROM node:16-slim AS builder"),
    ),
    defect(
        "pnpm/base-that-moves",
        swap(D, BUILDER, "FROM node:lts-slim AS builder"),
        found("base-not-pinned", D, "FROM node:lts-slim"),
        also="version-disagrees",
    ),
    defect(
        "npm/base-without-a-tag",
        swap(D, RUNTIME, "FROM node AS runtime"),
        found("base-not-pinned", D, "FROM node AS"),
        also="full-base-image version-disagrees build-tools-in-image",
    ),
    # -- the running container
    defect(
        "npm/root",
        swap(D, "USER 1000:1000\n", ""),
        found("root-user", D, RUNTIME, 'CMD ["node", "server.js"]'),
    ),
    defect(
        "svelte/root-by-name",
        swap(WEB, "USER 1000:1000", "USER root"),
        found("root-user", WEB, "USER root", "AS runtime"),
    ),
    defect(
        "npm/no-health-check",
        swap(D, HEALTH.format(port=3000), ""),
        found("healthcheck-missing", D, RUNTIME),
        also="compose-healthcheck-missing",
    ),
    defect(
        "pnpm/health-check-with-a-wget-that-is-not-there",
        swap(D, HEALTH.format(port=4000), 'HEALTHCHECK CMD ["wget", "--spider", "http://127.0.0.1:4000/health"]\n'),
        found("healthcheck-tool-missing", D, "HEALTHCHECK CMD"),
    ),
    defect(
        "yarn/command-in-shell-form",
        swap(D, 'CMD ["node", "src/server.js"]', "CMD node src/server.js"),
        found("shell-form-command", D, "CMD node"),
    ),
    defect(
        "svelte/preview-in-shell-form",
        swap(WEB, PREVIEW, "CMD npm run preview -- --host 0.0.0.0 --port 5173"),
        found("shell-form-command", WEB, "CMD npm"),
    ),
    # -- secrets
    defect(
        "npm/token-as-an-argument",
        swap(D, "COPY package.json package-lock.json ./", "ARG NPM_TOKEN\nCOPY package.json package-lock.json ./"),
        found("secret-in-build", D, "ARG NPM_TOKEN"),
        also="argument-too-early",
    ),
    defect(
        "yarn/credentials-of-the-registry-copied",
        Whole(".npmrc", "//packages.example.org/:_authToken=correct-horse-battery\n"),
        swap(".dockerignore", "**/.npmrc\n", ""),
        swap(D, "COPY package.json yarn.lock ./", "COPY package.json yarn.lock .npmrc ./"),
        found("secret-in-build", D, "COPY package.json yarn.lock .npmrc"),
        also="ignore-lacks-secrets",
    ),
    defect(
        "pnpm/private-key-copied",
        Whole("deploy.key", "no real key\n"),
        swap(".dockerignore", "**/*.key\n", ""),
        swap(D, "COPY --link package.json server.js ./", "COPY --link package.json server.js deploy.key ./"),
        found("secret-in-build", D, "COPY --link package.json server.js deploy.key"),
        also="ignore-lacks-secrets",
    ),
    # -- copies
    defect(
        "npm/add-of-the-manifests",
        swap(D, "COPY package.json package-lock.json ./", "ADD package.json package-lock.json ./"),
        found("add-over-copy", D, "ADD package.json"),
        safe=True,
    ),
    defect(
        "yarn/owner-changed-in-a-layer-of-its-own",
        swap(D, "USER 1000:1000", "RUN chown -R node:node /srv\nUSER 1000:1000"),
        found("chown-doubles-layer", D, "RUN chown"),
        safe=True,
    ),
    defect(
        "npm/everything-into-the-image",
        swap(D, "COPY --link package.json server.js ./", "COPY --link . ."),
        found("copy-too-wide", D, "COPY --link . ."),
    ),
    defect(
        "svelte/packages-of-the-host-copied",
        swap(
            WEB,
            "COPY --link package.json vite.config.js ./",
            "COPY --link package.json vite.config.js ./\nCOPY --link node_modules ./node_modules",
        ),
        found("copy-of-ignored", WEB, "COPY --link node_modules"),
        also="ignore-hides-copied",
        builds=False,
    ),
    defect(
        "npm/packages-copied-without-link",
        swap(D, "COPY --from=builder --link", "COPY --from=builder"),
        found("link-missing", D, "COPY --from=builder"),
        safe=True,
    ),
    defect(
        "npm/cache-of-another-user",
        swap(
            D,
            "COPY package.json package-lock.json ./\n",
            "RUN chown node:node /srv\nUSER node\nCOPY package.json package-lock.json ./\n",
        ),
        swap(D, "target=/root/.npm", "target=/home/node/.npm"),
        found("mount-owner-mismatch", D, "RUN --mount=type=cache", "npm ci"),
        safe=True,
        also="chown-doubles-layer",
        note="the mount belongs to root unless uid says otherwise, and npm then fails",
        builds=False,
    ),
    defect(
        "yarn/cache-of-another-user",
        swap(
            D,
            "COPY package.json yarn.lock ./\n",
            "RUN chown node:node /srv\nUSER 1000\nCOPY package.json yarn.lock ./\n",
        ),
        swap(D, "target=/usr/local/share/.cache/yarn", "target=/home/node/.cache/yarn"),
        found("mount-owner-mismatch", D, "RUN --mount=type=cache", "yarn install"),
        safe=True,
        also="chown-doubles-layer",
    ),
)
