"""Every word that people see, in Vietnamese and English, by area.

A row is ``code: Words(vi, en)``; to add a word, add a row to the area's file. A partner's words are never in here, and
never translated.
"""

from gateway.model.texts.catalogue import CATALOGUE, LANGUAGES, Language, pick_language, text
from gateway.model.texts.phrases import PHRASES, Said, said
from gateway.model.texts.words import Words

__all__ = ["CATALOGUE", "LANGUAGES", "PHRASES", "Language", "Said", "Words", "pick_language", "said", "text"]
