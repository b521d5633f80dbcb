"""Values that look secret, hidden in texts that quote files and logs: the names stay. Pure.

Who writes the ledger hides them already; an answer must not depend on that.
"""

import re

HIDDEN = "***"
SECRET = re.compile(
    r"(?i)token|secret|passw|passphrase|pwd|credential|api_?key|(?:access|private|signing|encryption)_?key"
)
HARMLESS = re.compile(r"(?i)[_-](?:ttl|name|file|path|dir|url|host|port|user|type|id|length)$")
# A name, a sign of assignment, and a value that is no reference: no $VARIABLE, path, list or type.
ASSIGNED = re.compile(r"""([A-Za-z][\w-]*)(["']?(?:=|:\s+)["']?)(?![$/{\[<&*|>])([^\s"',;]+)""")
ADDRESS = re.compile(r"(://[^/\s:@]*):[^/\s@]+@")
KEY = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|\Z)", re.DOTALL)


def hide(text: str) -> str:
    """The text with *** in the place of passwords in addresses, private keys, and what secret-looking names hold."""
    text = KEY.sub(rf"\1{HIDDEN}", ADDRESS.sub(rf"\1:{HIDDEN}@", text))
    return ASSIGNED.sub(_assigned, text)


def _assigned(found: re.Match[str]) -> str:
    name, between, _ = found.groups()
    is_secret = SECRET.search(name) and not HARMLESS.search(name)
    return f"{name}{between}{HIDDEN}" if is_secret else found[0]
