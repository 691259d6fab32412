"""What a mapping says of a field that it cannot fill."""

import ast
from pathlib import Path

from gateway.model.texts import CATALOGUE

SDK = Path(__file__).parents[3] / "gateway" / "sdk"


def said(tree):
    """Yield the words of every ``raise Unfit(…)``; of a text with a value in it those before the value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Unfit":
            words = node.args[0]
            words = words.values[0] if isinstance(words, ast.JoinedStr) else words
            yield words.value.rstrip()


def test_why_a_field_cannot_be_filled_has_vietnamese_words():
    """A partner whose call is refused for it reads one language."""
    words = {one for file in SDK.rglob("*.py") for one in said(ast.parse(file.read_text(encoding="utf-8")))}
    assert words
    assert {one for one in words if f"gap.{one}" not in CATALOGUE} == set()
