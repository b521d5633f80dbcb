"""Which variables hold secrets, and which values are none. Pure."""

import re

WORDS = frozenset({"PASSWORD", "PASSWD", "PASSPHRASE", "PWD", "SECRET", "TOKEN", "CREDENTIALS", "APIKEY"})
PAIRS = ("API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "SECRET_KEY", "AUTH_KEY", "ENCRYPTION_KEY")
HARMLESS = re.compile(
    "FILE|PATH|DIR|UR[LI]|NAME|ID|LENGTH|TTL|EXPIR[YE]S?|MINUTES|HOURS|DAYS|SECONDS|ALGORITHM|TYPE|HEADER|VERSION|"
    "ENABLED|REQUIRED|LIMIT|COUNT"
)
NONE = re.compile(
    r"|true|false|none|null|dummy.*|fake.*|placeholder|change.?me|x+|example.*|unused|not.?(used|set|needed)|\*+|<.*>",
    re.I,
)
IN_ADDRESS = re.compile(r"://[^/\s:@$<{]+:[^/\s:@$<{]+@")


def is_name(name: str) -> bool:
    """Whether a variable of that name holds a secret: PASSWORD, API_KEY, but not PASSWORD_FILE."""
    parts = name.upper().split("_")
    if HARMLESS.fullmatch(parts[-1]):
        return False
    return (bool(WORDS & set(parts)) and parts != ["PWD"]) or any(name.upper().endswith(pair) for pair in PAIRS)
