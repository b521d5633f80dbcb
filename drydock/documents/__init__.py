"""Documents with generated blocks."""
