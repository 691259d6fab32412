"""What the inside needs from outside: Protocols only. May import ``config``, ``model`` and ``core``."""
