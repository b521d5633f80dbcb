"""Small packages that need no other one, in some versions, with the hashes by which lock files hold them. Pure.

A dependency edit takes one version of each: what is installed is new nearly every time. Few versions of several
packages make many sets, and yet as few builds as there are versions bring all of them into a cache mount.
"""

from collections.abc import Mapping, Sequence

from drydock.values import dataclass

VERSIONS = 3  # of each package

Versions = Mapping[str, str]  # version -> hash


@dataclass(frozen=True)
class Package:
    """A package in one version, as a lock file holds it."""

    name: str
    version: str
    digest: str


PYTHON: Mapping[str, Versions] = {
    "toolz": {
        "0.12.1": "sha256:d22731364c07d72eea0a0ad45bafb2c2937ab6fd38a3507bf55eae8744aa7d85",
        "1.0.0": "sha256:292c8f1c4e7516bf9086f8850935c799a874039c8bcf959d47b600e4c44a6236",
        "1.1.0": "sha256:15ccc861ac51c53696de0a5d6d4607f99c210739caf987b5d2054f3efed429d8",
    },
    "iniconfig": {
        "2.0.0": "sha256:b6a85871a79d2e3b22d2d1b94ac2824226a63c6b741c88f7ae975f18b6778374",
        "2.1.0": "sha256:9deba5723312380e77435581c6bf4935c94cbfab9b1ed33ef8d238ea168eb760",
        "2.3.0": "sha256:f631c04d2c48c52b84d0d0549c99ff3859c98df65b3101406327ecc7d53fbf12",
    },
    "cachetools": {
        "5.3.3": "sha256:0abad1021d3f8325b2fc1d2e9c8b9c9d57b04c3932657a72465447332c24d945",
        "5.4.0": "sha256:3ae3b49a3d5e28a77a0be2b37dbcb89005058959cb2323858c2657c4a8cab474",
        "5.5.0": "sha256:02134e8439cdc2ffb62023ce1debca2944c3f289d66bb17ead3ab3dede74b292",
    },
}
NODE: Mapping[str, Versions] = {
    "isarray": {
        "2.0.3": "sha512-KhjEV7y7pkyOeEZfHnN3aad5508EleFYsMhZXxr5Xo+Gh2gNA02Me6K0BYKiYHb6dw+q7XknaopupAgzCzoCJQ==",
        "2.0.4": "sha512-GMxXOiUirWg1xTKRipM0Ek07rX+ubx4nNVElTJdNLYmNO/2YrDkgJGw9CljXn+r4EWiDQg/8lsRdHyg2PJuUaA==",
        "2.0.5": "sha512-xHjhDr3cNBK0BzdUJSPXZntQUx/mwMS5Rw4A7lPJ90XGAO6ISP/ePDNuo0vhqOZU+UD5JoodwCAAoZQd3FeAKw==",
    },
    "ms": {
        "2.1.1": "sha512-tgp+dl5cGk28utYktBsrFqA7HKgrhgPsg6Z/EfhWI4gl1Hwq8B/GmY/0oXZ6nF8hDVesS/FpnYaD/kOWhYQvyg==",
        "2.1.2": "sha512-sGkPx+VjMtmA6MX27oA4FBFELFCZZ4S4XqeGOXCv68tT+jb3vk/RyaKWP0PTKyWtmLSM0b+adUTEvbs1PEaH2w==",
        "2.1.3": "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==",
    },
}


def chosen(
    table: Mapping[str, Versions], taken: Sequence[str], number: int, version: int | None = None
) -> tuple[Package, ...]:
    """Those packages of a table that are not `taken`, each in a version that the number picks, or all in that one.

    The number is one of nanoseconds; `version` counts from 0 to below VERSIONS.
    """
    found, rest = [], number // 1_000_003  # so that neighbours differ in every digit
    for name, versions in table.items():
        if name not in taken:
            rest, at = divmod(rest, VERSIONS)
            picked = list(versions)[at if version is None else version]
            found.append(Package(name, picked, versions[picked]))
    return tuple(found)
