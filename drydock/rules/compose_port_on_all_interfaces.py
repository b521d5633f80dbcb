"""A port is published on all interfaces: every machine that reaches this one reaches the service.

`5432:5432` opens the database to the whole network, past a firewall, since the engine writes its own rules.
`127.0.0.1:5432:5432` keeps it on this machine; services reach one another by name without any published port.

The fix is not safe by itself: where other machines should reach the port, they no longer do. An address that is written
out, `0.0.0.0` too, or is the default of a variable, is a decision and is left alone, as are ports 80 and 443, which are
there to be reached.

Bad:

    --- compose.yml
    services:
      db:
        image: postgres:17.6
        ports:
          - "5432:5432"  # for psql
          - 5433:5433
          - target: 9187
            published: "9187"

Good:

    --- compose.yml
    services:
      db:
        image: postgres:17.6
        ports:
          - "127.0.0.1:${DB_PORT:-5432}:5432"
          - "[::1]:5432:5432"
          - "0.0.0.0:5433:5433"
          - target: 9187
            published: "9187"
            host_ip: 127.0.0.1
      proxy:
        image: nginx:1.29
        ports: ["80:80", "443:443"]
"""

from collections.abc import Iterator

from drydock.audit import entries
from drydock.audit.composefile import ComposeFile, filled
from drydock.audit.entries import Port
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_compose_file, rule
from drydock.audit.source import Edit
from drydock.audit.yamltree import Shape

PUBLIC = ("80", "443")


def check(file: ComposeFile) -> Iterator[Found]:
    for service in file.services:
        if service.get("network_mode") is not None:
            continue
        for port in entries.ports(service):
            bare = port.node.shape is Shape.MAPPING and not port.published
            if port.host or bare or ":" in filled(port.published) or filled(port.published or port.target) in PUBLIC:
                continue
            message = f"{service.name} publishes {port.published or port.target} to every machine around"
            edit, declined = _edit(file, port)
            fix = mend(file.source, edit, safe=False) if edit else None
            yield file.found(port.node, message, fix, declined=declined)


def _edit(file: ComposeFile, port: Port) -> tuple[Edit | None, str]:
    node, text = port.node, file.source.text
    if file.is_shared(node):
        return None, "others share it through an anchor"
    if node.shape is Shape.MAPPING:
        if node.flow or not node.pairs:
            return None, "it is written in a form that cannot be added to"
        indent = " " * (file.source.place(node.pairs[0][0].start)[1] - 1)
        return Edit(node.pairs[0][0].start, node.pairs[0][0].start, f"host_ip: 127.0.0.1\n{indent}"), ""
    if port.published.startswith("$"):
        return None, "the variable may hold an address as well"
    at = node.start + (text[node.start] in "'\"")
    return Edit(at, at, "127.0.0.1:" if port.published else "127.0.0.1::"), ""


RULE = rule(__name__, __doc__, Severity.NOTE, each_compose_file(check))
