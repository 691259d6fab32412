"""Strategies that make other messages of given ones: bytes, XML trees and JSON trees, changed a few times each.

Every choice is a whole number of one strategy, made once: what is drawn costs more time than what is tried with it.
"""

import copy
import json

from hypothesis import strategies as st
from lxml import etree

NUMBERS = st.integers(0, 0xFFFF)
LENGTHS = [0, 1, 2, 4, 20, 200]
CHANGES = 6
TEXTS = ["", " ", "0", "-1", "9" * 30, "true", "NaN", "1e9", "2026-13-01T25:00:00Z", "\u202e", "é" * 50, "cid:1", "#a"]
NAMES = ["item", "content", "files", "code", "kind", "status", "{urn:x}other"]
NAMES += ["{http://www.w3.org/2004/08/xop/include}Include", "{http://schemas.xmlsoap.org/soap/envelope/}Fault"]
ATTRIBUTES = ["href", "id", "{http://www.w3.org/2001/XMLSchema-instance}nil", "lang"]
VALUES = [
    None,
    True,
    False,
    0,
    -1,
    2**70,
    1.5,
    float("nan"),
    "",
    "x" * 300,
    "\u0000",
    "\ud800",
    "H01-1",
    [],
    {},
    [[]],
    {"": 1},
]
VALUES += ["status.changed", "2026-13-01T25:00:00Z", {"code": "H01-1"}, [{}] * 300]


def changed(seeds, change):
    """Return one of the seeds after up to five changes; ``change(pick, value)`` makes one."""

    @st.composite
    def strategy(draw):
        def pick(choices):
            return choices[draw(NUMBERS) % len(choices)]

        value = pick(seeds)
        for _ in range(pick(range(CHANGES))):
            value = change(pick, value)
        return value

    return strategy()


def cut(seeds, tokens):
    """Bytes of a seed, with pieces cut out, doubled, exchanged, and put in."""

    def change(pick, data):
        start = pick(range(len(data) + 1))
        end = min(len(data), start + pick(LENGTHS))
        piece, other = data[start:end], pick(seeds)
        place = pick(range(len(other) + 1))
        instead = [
            b"",
            pick(tokens),
            piece * 2,
            piece * 20,
            piece[::-1],
            bytes([pick(range(256))]),
            other[place:][:100],
        ]
        rest = data[end:] if pick(range(20)) else b""
        return data[:start] + pick(instead) + rest

    return changed(seeds, change)


def grown(seeds):
    """XML of a seed, with elements taken out, doubled, moved, renamed and filled."""

    def change(pick, text):
        root = etree.fromstring(text)
        elements = list(root.iter("*"))
        pick([_drop, _double, _move, _fill, _rename, _adorn])(pick, pick(elements), pick(elements))
        return etree.tostring(root)

    return changed(seeds, change)


def _drop(_pick, one, _other):
    if one.getparent() is not None:
        one.getparent().remove(one)


def _double(pick, one, _other):
    for _ in range(pick([1, 2, 30]) if one.getparent() is not None else 0):
        one.addnext(copy.deepcopy(one))


def _move(_pick, one, other):
    if one.getparent() is not None and one is not other and one not in other.iterancestors():
        other.append(one)


def _fill(pick, one, _other):
    one.text = pick(TEXTS)


def _rename(pick, one, other):
    one.tag = pick([other.tag, *NAMES])


def _adorn(pick, one, _other):
    one.set(pick(ATTRIBUTES), pick(TEXTS))


def replaced(seeds):
    """JSON of a seed, with values taken out, doubled, exchanged and put in; as bytes."""

    def change(pick, document):
        document = copy.deepcopy(document)
        holder, key = pick(list(_places(document)) or [([None], 0)])
        value = copy.deepcopy(pick([*VALUES, holder, holder[key]]))
        how = pick(range(3))
        if how == 0:
            del holder[key]
        elif how == 1 and isinstance(holder, dict):
            holder[pick(["x", *_keys(document)])] = value
        else:
            holder[key] = value
        return document

    return changed(seeds, change).map(lambda document: json.dumps(document).encode())


def _keys(document):
    return sorted({key for holder, key in _places(document) if isinstance(holder, dict)})


def _places(value):
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])
