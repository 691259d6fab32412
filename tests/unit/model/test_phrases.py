"""What errors of bytes and documents say in English is said in Vietnamese, too: each phrase, and none for nothing."""

import ast
import re
from pathlib import Path

import pytest

from gateway.model.texts import PHRASES, Said, said, text

ROOT = Path(__file__).resolve().parents[3]
FILES = (
    *(ROOT / "gateway" / "wire" / f"{name}.py" for name in ("xml", "xop", "mime", "related", "part_head", "form_data")),
    ROOT / "gateway" / "wire" / "transfer_encoding.py",
    *(
        ROOT / "gateway" / "ingress" / f"{name}.py"
        for name in ("body", "form_parts", "headers", "passage", "rest_dossiers", "rest_files", "unpacking")
    ),
    ROOT / "gateway" / "ingress" / "soap" / "opening.py",
    ROOT / "gateway" / "sdk" / "soap_files.py",
)
#: What makes such an error: its words are texts among what is given, or names of texts.
MAKES = {"XmlError", "MimeError", "XopError", "Said", "_wrong", "_Misframed", "ValueError"}


def raised():
    """Return every phrase that the code can say."""
    found = set()
    for file in FILES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        named = {
            node.targets[0].id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if (getattr(call.func, "id", "") or getattr(call.func, "attr", "")) in MAKES:
                for given in call.args:
                    found.add(words(named.get(getattr(given, "id", ""), given)))
    return found - {""}


def words(node):
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def pattern(english):
    return re.sub(r"\d+", "#", english)


def test_every_phrase_has_its_words_and_every_row_is_said():
    """A sender reads one language, not a sentence of two."""
    phrases = {pattern(one) for one in raised()}
    assert "it ends before its last boundary" in phrases
    assert phrases - PHRASES.keys() == {"put it into #"}  # the one name that the doors write there has its row
    places = {
        *("line #", "part #", "byte #"),
        *("the first byte that is not UTF-#", "a byte order mark at its beginning", "nested at most # deep"),
    }
    assert PHRASES.keys() - phrases - places == {
        "put it into content",
        "the document has # bytes, more than the # allowed",
    }


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("line 3, column 14", "dòng 3, cột 14"),
        ("part 12: it is not base64; correct the part's headers", "phần 12: không phải base64; hãy sửa tiêu đề"),
        ("line 1, column 9: not well-formed XML (ERR_TAG_NAME_MISMATCH); x", "dòng 1, cột 9: không phải XML đúng cú"),
        ("the document has 9 bytes, more than the 8 allowed", "tài liệu có 9 byte, quá mức 8 cho phép"),
        ("nobody knows this: 7 of it", "nobody knows this: 7 of it"),
        ("nobody knows this #: nor that #", "nobody knows this #: nor that #"),
    ],
)
def test_places_and_numbers_stay_what_they_are(english, vietnamese):
    assert said(english, "vi").startswith(vietnamese)
    assert said(english, "en") == english


def test_a_text_says_what_it_holds_in_its_own_language():
    facts = {"place": Said("part 2"), "problem": Said("it has no part"), "else": "it has no part"}
    assert "(phần 2): không có phần nào" in text("problem.attachments.invalid.detail", "vi", **facts)
    assert "(part 2): it has no part" in text("problem.attachments.invalid.detail", "en", **facts)


@pytest.mark.parametrize("phrase", sorted(raised() - {"put it into 7"}))
def test_each_phrase_is_said_where_it_stands_in_an_error(phrase):
    """``where: what; what to do`` is taken apart at its signs: none may stand in a phrase."""
    sentence = said(f"part 2: {phrase}; {phrase}", "vi")
    assert sentence.startswith("phần 2: ")
    assert phrase not in sentence
