"""Every command in the documentation exists and takes the arguments it is shown with."""

import re
import shlex
from pathlib import Path

import pytest

from trainer.cli import build_parser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands() -> list[tuple[str, str]]:
    """Return (page, command line) for every line of every `sh` block, continuation lines joined."""
    found = []
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL):
            lines = block.replace("\\\n", " ").splitlines()
            found += [(page.name, line.split(" #")[0].strip()) for line in lines if line.strip()]
    return found


def of(start: str) -> list[str]:
    return [line for _, line in commands() if start in line]


def test_the_documentation_shows_the_commands_that_a_newcomer_needs() -> None:
    starts = ("make serve", "make test", "docker compose up", "docker compose run", "curl", "-m trainer train")
    for start in (*starts, "-m trainer evaluate"):
        assert of(start), start


@pytest.mark.parametrize("line", of("make "))
def test_make_targets_exist(line: str) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)

    assert re.search(r"make ([a-z-]+)", line)[1] in targets  # type: ignore[index]


@pytest.mark.parametrize("line", of("-m trainer "))
def test_trainer_commands_parse(line: str) -> None:
    arguments = shlex.split(line.split("-m trainer ")[1])

    build_parser().parse_args(arguments)


@pytest.mark.parametrize("line", of("docker compose run"))
def test_trainer_commands_of_the_container_parse(line: str) -> None:
    arguments = shlex.split(line)

    build_parser().parse_args(arguments[arguments.index("trainer") + 1 :])


@pytest.mark.parametrize("line", of("-m service.phantom"))
def test_phantom_commands_run(line: str, tmp_path: Path) -> None:
    from service.phantom.__main__ import main

    *options, out = (part for part in shlex.split(line.split("-m service.phantom ")[1]))
    path = tmp_path / Path(out).name

    assert main([*options, str(path)]) == 0
    assert path.stat().st_size > 1000
