"""The engine: find one, know what it can do, get one, run a private one."""
