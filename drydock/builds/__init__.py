"""A build: planned, baked, followed as it happens, recorded."""
