"""GitHub's cache as a workflow sees it, in its first version, which is what the engines of distributions speak."""

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.engine.registry import sent

EXPIRES = 4_000_000_000  # seconds since the epoch: long after any test
ROOT = "/_apis/artifactcache/"


@dataclass
class Cache:
    """What was kept: entries by key once they are whole, and what has come of those that are not."""

    address: str = ""
    whole: dict[str, bytes] = field(default_factory=dict)
    begun: dict[int, tuple[str, bytearray]] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """What a workflow hands on. Nobody verifies the token; BuildKit reads from it which scopes it may use."""
        scopes = json.dumps([{"Scope": "refs/heads/main", "Permission": 3}])
        parts = [{"alg": "none", "typ": "JWT"}, {"ac": scopes, "nbf": 0, "exp": EXPIRES}]
        words = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
        return {"ACTIONS_CACHE_URL": f"{self.address}/", "ACTIONS_RUNTIME_TOKEN": ".".join([*words, "c2lnbmVk"])}


class _Handler(http.server.BaseHTTPRequestHandler):
    cache: ClassVar[Cache]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if where.path == f"{ROOT}cache":
            wanted = parse_qs(where.query)["keys"][0].split(",")
            found = [key for want in wanted for key in sorted(self.cache.whole) if key.startswith(want)]
            if not found:
                self._answer(204)
                return
            self._answer(
                200, {"cacheKey": found[-1], "archiveLocation": f"{self.cache.address}/blob/{quote(found[-1])}"}
            )
            return
        content = self.cache.whole[unquote(where.path).removeprefix("/blob/")]
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        self._answer(206 if "Range" in self.headers else 200, content[int(first) : int(last or len(content)) + 1])

    def do_POST(self) -> None:
        said = json.loads(sent(self) or b"{}")
        if self.path == f"{ROOT}caches":
            number = len(self.cache.begun) + 1
            self.cache.begun[number] = said["key"], bytearray()
            self._answer(201, {"cacheId": number})
            return
        key, content = self.cache.begun[int(self.path.rpartition("/")[2])]
        self.cache.whole[key] = bytes(content)
        self._answer(204)

    def do_PATCH(self) -> None:
        first = int(self.headers["Content-Range"].removeprefix("bytes ").partition("-")[0])
        body = sent(self)
        _, content = self.cache.begun[int(self.path.rpartition("/")[2])]
        content[first : first + len(body)] = body
        self._answer(204)

    def _answer(self, code: int, content: Any = b"") -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(code)
        if code != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving() -> Iterator[Cache]:
    """The service on a free port of loopback, answering until the block is left."""
    cache = Cache()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"cache": cache}))
    cache.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield cache
    finally:
        server.shutdown()
        server.server_close()
