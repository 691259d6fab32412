"""WS-Security (OASIS SOAP Message Security 1.1): pure functions on envelopes: no I/O, no clock, no randomness.

``protecting`` writes what a partner asks for, ``believing`` says what may be believed of what came. Nothing here looks
an element up by its id: what is signed is found by its place in the envelope, so that moving or repeating it does not
help. May import ``wire``, ``ports``, ``config`` and ``core``.
"""
