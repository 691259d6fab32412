"""What an operator writes: types, loader, commented defaults. May import ``model`` and ``core``."""
