"""The documents lead where they say, and leave out no page and no command of a first visit."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "adapters").rglob("*.md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if not link.startswith(("http:", "https:")):
            path, _, anchor = link.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def anchors(page):
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_every_link_leads_somewhere():
    for page in PAGES:
        for target, anchor in links(page):
            assert target.exists(), f"{page}: {target}"
            assert not anchor or target.suffix != ".md" or anchor in anchors(target), f"{page}: {target}#{anchor}"


def test_every_page_is_found_from_the_first_one():
    listed = {target for target, _ in links(DOCS / "README.md")}
    decisions = {target for target, _ in links(DOCS / "adr" / "README.md")}
    missing = set(DOCS.rglob("*.md")) - listed - decisions - {DOCS / "README.md"}
    assert missing == set()


def test_what_a_guarantee_is_held_by_is_there():
    """Files and tests by name."""
    said = (DOCS / "explanation" / "guarantees.md").read_text(encoding="utf-8")
    sources = (path for top in ("tests", "gateway/testing") for path in (ROOT / top).rglob("*.py"))
    held = {name for path in sources for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))}
    for path in re.findall(r"`((?:tests|gateway)/[\w/]+(?:\.py)?)", said):
        assert (ROOT / path).exists(), path
    assert set(re.findall(r"`(test_\w+)`", said)) <= held


def test_the_guide_for_maintainers_names_what_is_there():
    """Files and folders by their place, or by its end."""
    said = (DOCS / "how-to" / "extend-the-gateway.md").read_text(encoding="utf-8")
    tops = (ROOT / top for top in ("gateway", "tests", "docs", "tools", "config"))
    found = (*ROOT.glob("*.toml"), *(path for top in tops for path in top.rglob("*")))
    places = [f"/{path.relative_to(ROOT)}/" for path in found]
    named = re.findall(r"`(\w[\w/]*/[\w/]*|[\w/]+\.(?:py|toml))`", said)
    assert len(named) > 20
    assert [name for name in named if not any(place.endswith(f"/{name.strip('/')}/") for place in places)] == []


def named_in_tables(text):
    """The first cells of a page's tables, with the second ones; what stands there in brackets is no name."""
    for first, second in re.findall(r"^\| (`.*?)\|(.*?)\|", re.sub(r"\(.*?\)", "", text), re.MULTILINE):
        named = set(re.findall(r"`(\w+)`", second))
        yield from ((name, named) for name in re.findall(r"`([^`]+)`", first))


def strings(*nodes):
    found = (one for node in nodes for one in ast.walk(node))
    return {one.value for one in found if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def calls_on(name, trees):
    """The calls of methods of what is named so, also where something has it."""
    for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(node.func, ast.Attribute) and re.search(rf"\b{name}$", ast.unparse(node.func.value)):
            yield node


def test_the_page_of_events_and_metrics_names_all_that_there_are_and_no_other():
    """Whoever is on call finds each line of the log, and what to do about it; a rule of an alert finds its metric."""
    events, _, metrics = (DOCS / "reference" / "log-and-metrics.md").read_text(encoding="utf-8").partition("## Metrics")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "gateway").rglob("*.py")]
    logged = {name for call in calls_on("_log", trees) for name in strings(*call.args)}
    said = {name for name, _ in named_in_tables(events)}
    assert min(len(logged), len(said)) > 70
    assert logged - said == set()
    assert said - {word for tree in trees for word in strings(tree)} == set()  # some are chosen before the call
    counted = {}
    for call in calls_on("_?metrics", trees):
        counted |= {name: {key.arg for key in call.keywords} for name in strings(*call.args)}
    labels = dict(named_in_tables(metrics))
    assert len(counted) > 20
    assert set(counted) == set(labels)
    assert [name for name, given in counted.items() if given not in (labels[name], {None})] == []  # None: a mapping


def test_the_vietnamese_readme_has_every_command_of_the_english_one():
    """Both are whole: who reads one of them need not look into the other for what to type."""

    def blocks(name: str) -> str:
        return "\n".join(
            re.findall(r"^```\n(.*?)^```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        )

    asked = {line.partition("#")[0].strip() for line in blocks("README.md").splitlines()}
    assert len(asked) > 40
    text = (ROOT / "README.vi.md").read_text(encoding="utf-8")
    assert [line for line in asked if line not in text] == []
