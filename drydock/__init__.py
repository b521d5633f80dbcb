"""Drydock builds container images with BuildKit, measures them, and keeps them fast and small."""
