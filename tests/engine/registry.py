"""An image registry on loopback, as small as docker, buildx and BuildKit's registry cache let it be."""

import base64
import hashlib
import http.server
import json
import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

UPLOADS = re.compile(r"/v2/(?P<name>.+)/blobs/uploads/(?P<id>[0-9a-f]*)")
BLOB = re.compile(r"/v2/(?P<name>.+)/blobs/(?P<digest>sha256:[0-9a-f]{64})")
NONE: Mapping[str, str] = {}
MANIFEST = re.compile(r"/v2/(?P<name>.+)/manifests/(?P<reference>[^/]+)")


class Registry:
    """What was pushed: blobs by digest, and for each repository its manifests by tag and digest, with their type.

    With `login`, as USER:PASSWORD, nobody else gets in. A `frail` one dies once that many blobs have come.
    """

    def __init__(self, login: str = "", frail: int | None = None) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.uploads: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.login = base64.b64encode(login.encode()).decode()
        self.frail = frail
        handler = type("Handler", (_Handler,), {"registry": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.host = f"127.0.0.1:{self.server.server_port}"

    @property
    def is_dead(self) -> bool:
        return self.frail is not None and len(self.blobs) >= self.frail

    def manifest(self, name: str, reference: str) -> dict[str, Any]:
        """The manifest under a tag or digest; of an index, the first image."""
        document: dict[str, Any] = json.loads(self.manifests[name, reference][1])
        if "manifests" in document:
            return self.manifest(name, document["manifests"][0]["digest"])
        return document

    def config(self, name: str, reference: str) -> dict[str, Any]:
        """The configuration of an image: its id is this blob's digest."""
        document: dict[str, Any] = json.loads(self.blobs[self.manifest(name, reference)["config"]["digest"]])
        return document


@contextmanager
def serving(login: str = "", frail: int | None = None) -> Iterator[Registry]:
    """A registry on a free port, answering until the block is left."""
    registry = Registry(login, frail)
    thread = threading.Thread(target=registry.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        registry.server.shutdown()
        registry.server.server_close()
        thread.join()


def sent(request: http.server.BaseHTTPRequestHandler) -> bytes:
    """All that a request brings, also in pieces."""
    if request.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return request.rfile.read(int(request.headers.get("Content-Length") or 0))
    chunks = []
    while size := int(request.rfile.readline().partition(b";")[0], 16):
        chunks.append(request.rfile.read(size))
        request.rfile.readline()
    while request.rfile.readline().strip():
        pass
    return b"".join(chunks)


class _Handler(http.server.BaseHTTPRequestHandler):
    registry: ClassVar[Registry]
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.1"  # who tries TLS first gets an answer that shows what is spoken here

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        self.registry.requests.append(self.requestline)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if not self._is_let_in():
            return
        if found := BLOB.fullmatch(self.path):
            self._give("application/octet-stream", self.registry.blobs.get(found["digest"]))
        elif found := MANIFEST.fullmatch(self.path):
            self._give(*self.registry.manifests.get((found["name"], found["reference"]), ("", None)))
        else:
            self._answer(200 if self.path == "/v2/" else 404)

    def do_POST(self) -> None:
        body = sent(self)
        found = UPLOADS.fullmatch(urlsplit(self.path).path)
        if not self._is_let_in():
            return
        if not found:
            self._answer(404)
            return
        began = uuid.uuid4().hex
        self.registry.uploads[began] = body
        self._answer(202, {"Location": f"/v2/{found['name']}/blobs/uploads/{began}", "Range": "0-0"})

    def do_PATCH(self) -> None:
        body = sent(self)
        found = UPLOADS.fullmatch(urlsplit(self.path).path)
        if not self._is_let_in():
            return
        if not found or found["id"] not in self.registry.uploads:
            self._answer(404)
            return
        self.registry.uploads[found["id"]] += body
        self._answer(202, {"Location": self.path, "Range": f"0-{len(self.registry.uploads[found['id']]) - 1}"})

    def do_PUT(self) -> None:
        body = sent(self)
        where = urlsplit(self.path)
        if not self._is_let_in():
            return
        if found := MANIFEST.fullmatch(where.path):
            digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
            for reference in (found["reference"], digest):
                self.registry.manifests[found["name"], reference] = (self.headers["Content-Type"], body)
            self._answer(201, {"Docker-Content-Digest": digest})
        elif (found := UPLOADS.fullmatch(where.path)) and found["id"] in self.registry.uploads:
            content = self.registry.uploads.pop(found["id"]) + body
            digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
            if parse_qs(where.query).get("digest") != [digest]:
                self._answer(400)
                return
            self.registry.blobs[digest] = content
            self._answer(201, {"Docker-Content-Digest": digest})
        else:
            self._answer(404)

    def _is_let_in(self) -> bool:
        """Whether the request is answered at all: a dead registry hangs up, a closed one asks who is there."""
        if self.registry.is_dead:
            self.close_connection = True
            return False
        if self.registry.login and self.headers.get("Authorization") != f"Basic {self.registry.login}":
            self._answer(401, {"WWW-Authenticate": 'Basic realm="registry"'})
            return False
        return True

    def _give(self, kind: str, content: bytes | None) -> None:
        if content is None:
            self._answer(404)
            return
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self._answer(200, {"Content-Type": kind, "Docker-Content-Digest": digest}, content)

    def _answer(self, code: int, headers: Mapping[str, str] = NONE, content: bytes = b"") -> None:
        self.send_response(code)
        for name, value in {"Docker-Distribution-Api-Version": "registry/2.0", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
