"""What may be a code by which a dossier is found: one rule for every door, and for what partners say."""

from __future__ import annotations

import re

LONGEST = 100
PROVINCE = "province"  #: the scheme of our own codes, by which the portal knows a dossier
#: What nobody sees at the ends of a code, as the inside of a regular expression's class.
BLANK = " \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000"
#: White space without control characters: what values are padded with, and what stands round a text in printed XML.
BLANKS = " \t\r\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
#: What nobody sees anywhere in a code.
UNSEEN = "\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb"
UNSEEN_SIGN = re.compile(f"[{UNSEEN}]")
#: What a dossier's code may not hold: one of the first at either end, one of the others anywhere.
STRAY = re.compile(f"^[{BLANK}]|[{UNSEEN}]|[{BLANK}]$")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_DASH = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_ROUNDED = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}")


def is_code(text: str) -> bool:
    """Whether a text in Unicode's composed form may be a dossier's code."""
    return 1 <= len(text) <= LONGEST and not (_CONTROL.search(text) or STRAY.search(text))


def forms(typed: str) -> tuple[str, ...]:
    """Return the codes that somebody may mean who has typed or copied this, the likeliest first.

    As it stands, then without blanks round it, then as a message or a document makes of it what it shows: with no
    blank and nothing unseen in it, and a plain hyphen for any dash; each of the latter two also in capitals.
    """
    stripped = typed.strip()
    plain = _DASH.sub("-", UNSEEN_SIGN.sub("", "".join(stripped.split())))
    found = (typed.strip("\t\r\n"), stripped, stripped.upper(), plain, plain.upper())
    return tuple(form for form in dict.fromkeys(found) if form)


def is_rounded(text: str) -> bool:
    """Whether a spreadsheet has made a number of a code of many digits, and kept the first of them."""
    return _ROUNDED.fullmatch(text) is not None
