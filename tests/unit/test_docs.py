"""The documents lead where they say, and leave out no page and no command of a first visit."""

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


def test_every_alert_and_every_metric_is_explained():
    """Whoever is on call finds each event that wants a person, and what to do about it."""
    said = (DOCS / "reference" / "log-and-metrics.md").read_text(encoding="utf-8")
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gateway").rglob("*.py"))
    raised = set(re.findall(r'_log\.\w+\("(\w+)",[^\n]*\balert=', sources))
    counted = set(re.findall(r'metrics\.\w+\("(\w+)"', sources))
    assert min(len(raised), len(counted)) > 10
    assert {name for name in raised | counted if f"`{name}`" not in said} == set()


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
