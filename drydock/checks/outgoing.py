"""What goes out to the network: names, proxies, certificates, the hosts that packages come from. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from drydock.checks import Verdict, fail, ok, warn
from drydock.checks.reaching import End, Reach

DATED = ("certificate has expired", "certificate is not yet valid")  # of OpenSSL; a wrong clock says so of all


def names(reached: Sequence[Reach]) -> Verdict:
    """Whether the names that builds will need can be resolved."""
    deaf = _asked(reached, End.NO_RESOLVER)
    if deaf:
        return fail("names", f"no name server answers for {deaf[0].asked}", "mend /etc/resolv.conf, or the network")
    lost = [one for one in _asked(reached, End.NO_NAME) if not one.proxy]
    if lost and lost[0].host:
        story = f"{lost[0].host.source} names {lost[0].asked}, a name that nobody knows"
        return fail("names", story, f"mend it in {lost[0].host.source}, or connect to the network that knows it")
    known = ", ".join(dict.fromkeys(one.asked for one in reached))
    return ok("names", f"resolved: {known}" if known else "nothing here names a host")


def proxy(reached: Sequence[Reach], bad: Iterable[tuple[str, str]]) -> Verdict:
    """Whether the proxies that are named do their work; `bad` are (who names it, address) of what is none."""
    for source, _ in bad:
        return fail("proxy", f"{source} is no address of a proxy", _elsewhere(source))
    for one in reached:
        if one.proxy and one.end in (End.NO_PROXY, End.NO_NAME):
            words = one.words or "nobody knows this name"
            way = f" the way to {one.host.address}" if one.host and words[:1].isdigit() else ""
            story = f"{one.proxy.source} names {one.proxy.address}, which refuses{way}: {words}"
            remedy = "give it name and password" if words.startswith("407") else _elsewhere(one.proxy.source)
            return fail("proxy", story, remedy, rests=("names",))
    used = ", ".join(dict.fromkeys(one.proxy.address for one in reached if one.proxy))
    return ok("proxy", f"{used} answers" if used else "none is named")


def certificates(bundles: Mapping[str, str | int], reached: Sequence[Reach]) -> Verdict:
    """Variable -> how many certificates its bundle holds, or what is wrong with that; then whom they vouch for."""
    bad = {name: story for name, story in bundles.items() if isinstance(story, str)}
    if bad:
        name, story = next(iter(bad.items()))
        return fail("certificates", f"{name} names {story}", f"unset {name}, or name a PEM bundle")
    for one in _asked(reached, End.NO_TRUST):
        if one.host is None:
            continue
        whose = f"the bundle of {one.bundle} does" if one.bundle else "this machine's bundle does"
        remedy = f"add the CA that signs {one.host.name} to the bundle" + (
            f", or unset {one.bundle}" if one.bundle else ", or name one that holds it in SSL_CERT_FILE"
        )
        if one.words in DATED:
            whose, remedy = (
                "its certificate is out of date: this machine does",
                f"set the clock, or renew {one.host.name}",
            )
        story = f"{whose} not vouch for {one.host.address}: {one.words}"
        return fail("certificates", story, remedy, rests=("clock",))
    vouched = [one.host.address for one in reached if one.host and one.host.tls and one.end is End.THERE]
    behind = f"; trusted: {', '.join(vouched)}" if vouched else ""
    if not bundles:
        return ok("certificates", f"no bundle is named; the system's own applies{behind}")
    most = max(int(count) for count in bundles.values())
    return ok("certificates", f"{most} in the bundle of {', '.join(bundles)}{behind}")


def packages(reached: Sequence[Reach]) -> Verdict:
    """Whether the hosts that packages come from answer."""
    hosts = [one for one in reached if one.host]
    for one in hosts:
        if one.host and one.end is End.NO_ANSWER:
            story = f"{one.host.address}, which {one.host.source} names, does not answer: {one.words}"
            return fail("packages", story, f"mend it in {one.host.source}, or see that it answers")
    failed = next((one for one in hosts if one.end is not End.THERE), None)
    if failed and failed.host:
        rests = ("names", "proxy", "certificates")
        return warn("packages", f"{failed.host.address} was not reached", rests=rests)
    reachable = ", ".join(one.host.address for one in hosts if one.host)
    return ok("packages", f"{reachable} answers" if reachable else "no host is named; the installers' own apply")


def _asked(reached: Iterable[Reach], end: End) -> list[Reach]:
    return [one for one in reached if one.end is end]


def _elsewhere(source: str) -> str:
    """What takes a proxy out, wherever it is named."""
    if source.startswith("the engine's"):
        return "mend proxies in the engine's daemon.json, and start it again"
    if source.startswith("proxies."):
        return f"mend {source}"
    return f"unset {source}, or start that proxy"
