"""The command line, one file per group of commands. May import every package; nothing imports it."""
