"""Why an engine behind TLS and this client do not come together: found by a handshake of our own, which says more."""

import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from drydock.engines.docker_config import context_folder, settings_folder, skips_verifying
from drydock.engines.knocking import PATIENCE, PING, TLS_PORT, greeting
from drydock.values import dataclass

if TYPE_CHECKING:
    from drydock.engines.endpoint import Endpoint

PLAIN = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")
ALERT = "ALERT_"  # in the reason of what the other side complains of

Refusal = tuple[str, str]  # what happened, and what mends it


@dataclass(frozen=True)
class Keys:
    """Where Docker's client keeps what it needs for TLS, and what to say of the place."""

    folder: Path
    place: str
    all_needed: bool  # a context may leave out what the system's own authorities, or no name at all, will do for
    verify: bool = True

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def certificate(self) -> Path:
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"


def keys(endpoint: "Endpoint", environ: Mapping[str, str]) -> Keys | None:
    """The keys that Docker's client uses for an endpoint; None where it speaks without TLS."""
    if endpoint.context:
        folder = context_folder(environ, "tls", endpoint.context) / "docker"
        skips = skips_verifying(environ, endpoint.context)
        place = f"the context {endpoint.context}"
        return Keys(folder, place, False, not skips) if folder.is_dir() or skips else None
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    if verify or environ.get("DOCKER_TLS"):
        folder = Path(environ.get("DOCKER_CERT_PATH") or settings_folder(environ))
        return Keys(folder, "DOCKER_CERT_PATH", verify, verify)
    return None


def context_for(own: Keys) -> ssl.SSLContext:
    """What a client with these keys trusts and shows; OSError, ssl.SSLError among them, where they cannot be read."""
    if own.all_needed and (lost := _lost(own)):
        raise FileNotFoundError(lost)
    made = ssl.create_default_context(cafile=own.authority if own.authority.exists() else None)
    if not own.verify:
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    if own.certificate.exists():
        made.load_cert_chain(own.certificate, own.key)
    return made


def refusal(endpoint: "Endpoint", environ: Mapping[str, str]) -> Refusal | None:
    """What keeps this client from an engine that is reached over TCP, and the remedy; None if it is not the TLS."""
    address = urlsplit(endpoint.host)
    if address.scheme not in ("tcp", "https"):
        return None
    own, host = keys(endpoint, environ), address.hostname or ""
    try:
        with socket.create_connection((host, address.port or TLS_PORT), PATIENCE) as stream:
            return _greeted(stream, host, own) if own else _plainly(stream)
    except OSError:
        return None  # it is gone by now: Docker's own words will do


def _lost(own: Keys) -> str:
    """The first of the keys that is not there; empty if all are."""
    return next((str(one) for one in (own.authority, own.certificate, own.key) if not one.exists()), "")


def _plainly(stream: socket.socket) -> Refusal | None:
    stream.sendall(greeting(PING))
    if b"HTTPS" not in stream.recv(512):
        return None
    named = "docker context create NAME --docker host=…,ca=…,cert=…,key=…"
    return "it speaks TLS alone, and no keys are named", f"{named}, or set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH"


def _greeted(stream: socket.socket, host: str, own: Keys) -> Refusal | None:
    if own.all_needed and (lost := _lost(own)):
        return f"there is no {lost}", "set DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem"
    try:
        settings = context_for(own)
    except (OSError, ssl.SSLError) as error:
        return f"the keys of {own.place} cannot be read: {error}", f"mend ca.pem, cert.pem and key.pem of {own.place}"
    try:
        with settings.wrap_socket(stream, server_hostname=host) as shielded:
            shielded.sendall(greeting(PING))
            shielded.recv(64)  # since TLS 1.3 a client hears only now that it is not let in
    except ssl.SSLCertVerificationError as error:
        return _distrusted(error, host, own)
    except ssl.SSLError as error:
        return _turned_away(error.reason or "", own)
    return None


def _distrusted(error: ssl.SSLCertVerificationError, host: str, own: Keys) -> Refusal:
    match error.verify_code:  # OpenSSL's X509_V_ERR_…
        case 10:
            return "its certificate has expired", "renew the engine's certificate"
        case 9:
            return "its certificate does not hold yet", "set the clock, or renew the engine's certificate"
        case 62 | 64:
            return f"its certificate is not for {host}", f"make one that names {host}, or use the name that it holds"
        case _:
            remedy = f"give {own.place} the CA that signed it, or see whose engine this is"
            return f"its certificate is not signed by the CA of {own.place}", remedy


def _turned_away(reason: str, own: Keys) -> Refusal:
    if reason in PLAIN:
        return "it does not speak TLS", "unset DOCKER_TLS_VERIFY, or use the port that does"
    said = (reason.partition(ALERT)[2] or reason).lower().replace("_", " ")
    remedy = f"give {own.place} a certificate and key that the engine's CA signed and that have not expired"
    return f"it does not take the certificate of {own.place}" + (f" ({said})" if said else ""), remedy
