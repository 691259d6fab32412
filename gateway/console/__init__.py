"""Web pages for operators, over the same doors as the command line: views, templates, static files.

May import every package below it, ``ingress`` among them: the operators' doors say who may, answer in words, and record
what is shown, once for all who ask. Never ``app``, ``testing`` or ``cli``.
"""
