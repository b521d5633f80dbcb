"""A service in name only: what is measured here is how its packages come into an image."""
