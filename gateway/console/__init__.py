"""Web pages for operators over ``ops``: views, templates, static files.

May import every package below it; never ``ingress``, ``app``, ``testing`` or ``cli``.
"""
