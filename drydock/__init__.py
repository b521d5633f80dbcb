"""Drydock builds container images with BuildKit, measures them, and keeps them fast and small."""

__version__ = "0.1.0.dev0"
