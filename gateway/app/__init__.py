"""The composition root: the only package that builds concrete things and introduces siblings to one another.

May import every package below it; never ``testing`` or ``cli``.
"""
