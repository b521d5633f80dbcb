"""Proofs: a repository built, started and measured before and after its fixes, and which of the fixes stay."""
