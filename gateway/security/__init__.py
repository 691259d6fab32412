"""Who may, and how it is kept secret: keys and roles, signing, TLS, secrets, envelope encryption.

May import ``wire`` and what lies below it.
"""
