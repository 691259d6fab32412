"""Routes that wait for each other are refused before anything waits for ever (guarantee G2)."""

import pytest

from gateway.config.loader import load
from gateway.core.errors import ConfigError


def _system(directory, name: str) -> None:
    directory.write(f"systems/{name}.toml", (directory.path / "systems/land.toml").read_text().replace("land", name))


def _routes(*routes: str) -> str:
    return "".join(f'[[route]]\nsource = "portal"\n{route}\n' for route in routes)


def test_a_circle_over_two_routes_is_refused_with_file_key_and_remedy(directory):
    _system(directory, "tax")
    directory.write(
        "routes.toml",
        _routes('id = "aa"\nto = ["land"]\nafter = ["tax"]', 'id = "bb"\nto = ["tax"]\nafter = ["land"]'),
    )
    with pytest.raises(ConfigError) as caught:
        load(directory.path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.key) == ("routes.toml", "route[1].after")
    assert "'land' for 'tax' (route 'aa')" in problem.text
    assert "'tax' for 'land' (route 'bb')" in problem.text
    assert "remove 'land' here" in problem.remedy


def test_a_circle_over_three_routes_is_named_once(directory):
    for name in ("tax", "post"):
        _system(directory, name)
    directory.write(
        "routes.toml",
        _routes(
            'id = "aa"\nto = ["land"]\nafter = ["tax"]',
            'id = "bb"\nto = ["tax"]\nafter = ["post"]\nkinds = ["dossier.*"]',
            'id = "cc"\nto = ["post"]\nafter = ["land"]\nkinds = ["dossier.submitted", "fee.paid"]',
        ),
    )
    with pytest.raises(ConfigError) as caught:
        load(directory.path)
    assert [problem.key for problem in caught.value.problems] == ["route[2].after"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('kinds = ["dossier.submitted"]', 'kinds = ["fee.*"]'),
        ('procedures = ["1.10*"]', 'procedures = ["2.20*"]'),
        ('agencies = ["H52.1"]', 'agencies = ["H52.2"]'),
        ("valid_to = 2026-06-30", "valid_from = 2026-07-01"),
    ],
)
def test_routes_that_no_event_matches_together_may_wait_either_way(directory, one: str, other: str):
    _system(directory, "tax")
    directory.write(
        "routes.toml",
        _routes(
            f'id = "aa"\nto = ["land"]\nafter = ["tax"]\n{one}',
            f'id = "bb"\nto = ["tax"]\nafter = ["land"]\n{other}',
            'id = "both"\nto = ["land", "tax"]',
        ),
    )
    assert len(load(directory.path).routes) == 3
