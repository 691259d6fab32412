"""A store-and-forward integration gateway between a province's portal and the systems that process its dossiers.

The packages are layered; each one's docstring says what it is and whom it may import. ``pyproject.toml`` holds the
table, and ``make contracts`` enforces it.
"""
