"""What cannot be right about the plug-in door is named before it is served."""

import pytest

from gateway.config.loader import examine
from gateway.ingress.app import DOORS


@pytest.mark.parametrize(
    ("settings", "login", "key"),
    [
        ('[plug_in]\nprefixes = ["/v1/dvc"]', "", "plug_in.prefixes"),
        ("", '[plug_in]\nusername = "mau"', "plug_in.password"),
        ("", '[plug_in]\npassword = "env:MAU"', "plug_in.username"),
        ("", '[plug_in]\nusername = "civil_status"\npassword = "env:MAU"', "plug_in.username"),
    ],
)
def test_paths_that_are_taken_and_half_logins_are_problems(tmp_path, settings, login, key):
    directory = written(tmp_path, settings, login)
    _, problems = examine(directory)
    assert key in {problem.key for problem in problems}


@pytest.mark.parametrize("part", sorted({door.path.split("/")[1] for door in DOORS}))
def test_no_prefix_begins_as_a_door_of_ours(tmp_path, part):
    _, problems = examine(written(tmp_path, f'[plug_in]\nprefixes = ["/{part}/dvc"]', ""))
    assert [problem.key for problem in problems] == ["plug_in.prefixes"]


def test_only_a_portal_has_a_login(tmp_path):
    directory = written(tmp_path, "", "")
    file = directory / "systems" / "civil_status.toml"
    file.write_text(file.read_text() + '\n[plug_in]\nusername = "mau"\npassword = "env:MAU"\n')
    _, problems = examine(directory)
    assert [problem.key for problem in problems] == ["plug_in"]


def test_what_is_right_is_no_problem(tmp_path):
    directory = written(
        tmp_path, '[plug_in]\nprefixes = ["/cong-dvcqg"]', '[plug_in]\nusername = "mau"\npassword = "env:MAU"'
    )
    _, problems = examine(directory)
    assert not problems


def written(directory, settings, login):
    (directory / "systems").mkdir()
    (directory / "gateway.toml").write_text(settings)
    (directory / "routes.toml").write_text("")
    for name, role, more in (("portal", "portal", login), ("civil_status", "system", "")):
        text = f'id = "{name}"\nrole = "{role}"\nadapter = "feed"\nmode = "live"\n[name]\nvi = "{name}"\n{more}\n'
        (directory / "systems" / f"{name}.toml").write_text(text)
    return directory
