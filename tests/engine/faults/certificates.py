"""Certificate authorities made on the spot, each with a certificate for loopback and one for a client."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True)
class Authority:
    """A folder as Docker's clients take it: ca.pem, cert.pem and key.pem, and server.pem and server-key.pem."""

    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def server(self) -> tuple[Path, Path]:
        """Certificate and key of what listens on loopback."""
        return self.folder / "server.pem", self.folder / "server-key.pem"

    @property
    def expired(self) -> tuple[Path, Path]:
        """The same, out of date."""
        return self.folder / "expired.pem", self.folder / "server-key.pem"


def make(folder: Path) -> Authority:
    """An authority with everything it signs."""
    folder.mkdir(parents=True)
    (folder / "names").write_text(NAMES)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    subject = f"/CN=faults {folder.name}"
    _openssl(folder, "req", "-x509", *key, "-days", "2", "-subj", subject, "-keyout", "ca-key.pem", "-out", "ca.pem")
    for key_file, cert, name in (("key.pem", "cert.pem", "client"), ("server-key.pem", "server.pem", "localhost")):
        _openssl(folder, "req", *key, "-subj", f"/CN={name}", "-keyout", key_file, "-out", "request.pem")
        _sign(folder, cert, "2")
    _sign(folder, "expired.pem", "-1")
    return Authority(folder)


def _sign(folder: Path, cert: str, days: str) -> None:
    words = ("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", days, "-extfile", "names")
    _openssl(folder, "x509", "-req", "-in", "request.pem", *words, "-out", cert)


def _openssl(folder: Path, *words: str) -> None:
    ended = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
