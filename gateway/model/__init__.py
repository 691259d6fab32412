"""The canonical model: what travels between doors and adapters, in msgspec. May import ``core``.

``types`` holds the nouns, ``kinds`` what may be said of them, ``event`` the envelope, ``names`` the national
vocabulary, ``faults`` the naming of every fault at once, ``reading`` the entry for what a sender posts, ``texts``
every word that people see.
"""
