"""The HTTP doors: REST, SOAP, call-backs, and the one table from exception to problem+json or Fault.

May import every package below it; never ``console``, ``app``, ``testing`` or ``cli``.
"""
