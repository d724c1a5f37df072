import httpx
import pytest

from service.errors import ProblemError


@pytest.mark.parametrize("kind", ProblemError.__subclasses__(), ids=lambda kind: kind.code)
def test_every_problem_type_can_be_looked_up(client: httpx.Client, kind: type[ProblemError]) -> None:
    found = client.get(f"/problems/{kind.code}").json()

    assert found == {
        "type": f"/problems/{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "description": kind.__doc__,
    }


def test_another_cannot(client: httpx.Client) -> None:
    assert client.get("/problems/none").status_code == 404
