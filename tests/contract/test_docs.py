"""Every command in the documentation exists and takes the arguments it is shown with."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from service.settings import default_model_path
from tests.peers import need
from tests.serving import serve, settings_for
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


@pytest.mark.parametrize("line", of("-m service predict"))
def test_client_commands_parse(line: str) -> None:
    from service.client.options import parse

    assert parse(shlex.split(line.split("-m service predict ")[1])).paths


@pytest.mark.parametrize("line", of("-m benchmarks."))
def test_benchmarks_exist(line: str) -> None:
    name = line.split("-m benchmarks.")[1].split()[0]

    assert (ROOT / "benchmarks" / f"{name}.py").is_file()


INTERFACE = (ROOT / "docs" / "api.md").read_text("utf-8")
SAVED = {".png": (0, b"\x89PNG"), ".dcm": (128, b"DICM"), ".hl7": (0, b"MSH|"), ".txt": (0, b"# HELP")}
"""Where in a file which bytes must stand, by its ending."""

SERVER = "http://127.0.0.1:8000"


def test_the_commands_of_the_interface_get_the_answers_that_are_shown(tmp_path: Path) -> None:
    need("curl")
    with serve(settings_for(default_model_path())) as (client, _):
        for line in _interface_commands():
            command, _, remark = line.partition(" #")
            answer = _run(command.replace(SERVER, str(client.base_url).rstrip("/")), tmp_path)
            if command.startswith("curl"):
                body, status = answer.rsplit("\n", 1)
                assert status == (re.search(r"\b[45]\d\d$", remark) or ["200"])[0], line
                if saved := re.search(r" -o (\S+)", command):
                    start, magic = SAVED[Path(saved[1]).suffix]
                    assert (tmp_path / saved[1]).read_bytes()[start:].startswith(magic), line
                else:
                    assert [json.loads(part) for part in (body.splitlines() if "x-ndjson" in line else [body])], line


def test_every_route_is_shown_with_a_command(client: httpx.Client) -> None:
    shown = {re.search(rf"{SERVER}([^ \"?]*)", line)[1] for line in _interface_commands() if "curl" in line}  # type: ignore[index]

    for route in client.get("/openapi.json").json()["paths"]:
        assert any(re.fullmatch(re.sub(r"{\w+}", "[^/]+", route), path) for path in shown), route


def _interface_commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", INTERFACE, flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def _run(command: str, folder: Path) -> str:
    """Run a command in `folder` with this Python; curl also writes the status, on a line of its own."""
    line = command.replace(".venv-service/bin/python", shlex.quote(sys.executable))
    line = line.replace("curl ", "curl -sS -w '\\n%{http_code}' ", 1) if line.startswith("curl") else line
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, (command, ended.stderr)
    return ended.stdout
