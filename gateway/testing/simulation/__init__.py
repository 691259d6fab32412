"""The whole relay on a virtual clock and a seeded scheduler: partners fail, processes die, clocks jump; a seed replays.

``world`` builds one seed's world, ``auditor`` holds the guarantees against what really happened, ``loop`` is the
scheduler. ``tools/simulate.py`` is the entry.
"""
