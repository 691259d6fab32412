"""The names that lxml keeps of what it reads: of every document that a thread meets, as long as the thread lives.

lxml before 7.0 has one dictionary of names for all documents of a thread, and takes none out; with some 100 MB in it
libxml2 refuses whatever comes next. A stranger makes up names, so a thread begins a new dictionary whenever much has
been read; the old one ends with the last document that has names in it.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any, cast

_MUCH = 8 * 1024 * 1024  #: bytes of documents, which cannot hold more of names
_KEPT_UNDER = "_ParserDictionaryContext"  #: by lxml, in what Python keeps for a thread

_state_of_thread = ctypes.pythonapi.PyThreadState_GetDict
_state_of_thread.argtypes = ()
_state_of_thread.restype = ctypes.c_void_p  # as an object it would be given back once too often


class _Met(threading.local):
    """What this thread's dictionary may hold at most, and whose bytes they are."""

    until = 0  #: of all bytes that were read, in whatever thread: trees are handed on


class _Read:
    """Bytes of documents that the process has read; two threads may lose each other's, and the bound is no less one."""

    total = 0


_met = _Met()


def reading(size: int = 0) -> None:
    """Say that this thread meets names of strangers: in so many bytes that it reads, or in trees that others read."""
    _Read.total += size
    if _Read.total - _met.until > _MUCH:
        _met.until = _Read.total
        state = cast("dict[str, Any]", ctypes.cast(_state_of_thread(), ctypes.py_object).value)
        state.pop(_KEPT_UNDER, None)
