"""Public means documented: every command and option stands in the reference, and teaches by example."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner

from gateway.cli import command_line

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "cli.md"
HELP = {"--help"}


def commands() -> Iterator[tuple[str, TyperCommand]]:
    group = typer.main.get_command(command_line())
    assert isinstance(group, TyperGroup)
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            inner = ((inner, found) for inner, found in command.commands.items() if isinstance(found, TyperCommand))
            yield from ((f"{name} {sub}", found) for sub, found in inner)
        else:
            assert isinstance(command, TyperCommand)
            yield name, command


COMMANDS = dict(commands())


def section(name: str) -> str:
    """Return a command's part of the page."""
    parts = PAGE.read_text(encoding="utf-8").split("\n## `")
    return next((part for part in parts if part.startswith((f"{name}`", f"{name} "))), "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_reference_with_its_options(name: str):
    text = section(name)
    assert text, f"{name} has no section"
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("-")}
    assert [option for option in sorted(options - HELP) if f"`{option}" not in text] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_by_example(name: str):
    assert "For example:" in (COMMANDS[name].help or "")


@pytest.mark.parametrize("group", ["", "held"])
def test_a_list_of_commands_says_whole_sentences(group: str):
    shown = CliRunner().invoke(command_line(group), [*group.split(), "--help"], env={"COLUMNS": "80"}).output
    assert "..." not in shown.partition("Commands:")[2]


@pytest.mark.parametrize(("group", "name"), [("judge", "judge"), ("held", "held settle")])
def test_an_example_stands_on_one_line_and_can_be_copied(group: str, name: str):
    shown = CliRunner().invoke(command_line(group), [*name.split(), "--help"], env={"COLUMNS": "80"}).output
    examples = [line.strip() for line in shown.splitlines() if "run_gateway.py" in line]
    assert len(examples) == 2
    assert all(line.count('"') in {0, 2} and line.startswith(f"./run_gateway.py {name}") for line in examples)
    assert '--reason "' in examples[1]


@pytest.mark.parametrize("name", ["", "held", *COMMANDS])
def test_every_help_names_the_exit_statuses(name: str):
    """A script that calls a command reads no other page."""
    words = name.split()
    shown = CliRunner().invoke(command_line(*words[:1]), [*words, "--help"], env={"COLUMNS": "80"}).output
    said = " ".join(shown.rpartition("Exit status: ")[2].split())
    assert said.startswith("0 done; 1 failed")
    assert "; 2 wrong use" in said


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_json(name: str):
    assert any("--json" in parameter.opts for parameter in COMMANDS[name].params)
