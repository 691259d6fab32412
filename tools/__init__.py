"""What the Makefile needs beyond the packages in ``.venv``. Run as ``python -m tools.NAME`` from the project's root."""
