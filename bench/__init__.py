"""Reproducible measurements: each is a ratio against a ceiling or a peer in the same run."""
