"""The files of the page, as a browser gets them."""

import re

import httpx
import pytest

from service import DISCLAIMER

TYPES = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


def linked(client: httpx.Client) -> list[str]:
    return re.findall(r'(?:src|href)="(static/[^"]+)"', client.get("/").text)


def imported(client: httpx.Client, path: str) -> list[str]:
    text = client.get(f"/{path}").text
    return [f"static/{name}" for name in re.findall(r'from "\./([^"]+)"', text)] if path.endswith(".js") else []


def test_the_page_says_what_it_is_for_before_any_script_runs(client: httpx.Client) -> None:
    page = client.get("/")

    assert (page.status_code, page.headers["Content-Type"]) == (200, TYPES["html"])
    assert DISCLAIMER in page.text
    assert "<noscript>" in page.text


def test_everything_that_it_loads_is_served_with_its_type(client: httpx.Client) -> None:
    waiting, seen = linked(client), set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(f"/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"] == TYPES.get(path.rpartition(".")[2], answer.headers["Content-Type"])
        waiting += imported(client, path)

    assert {"static/app.js", "static/page.css"} < seen


@pytest.mark.parametrize("path", ["/", "/static/app.js"])
def test_a_browser_that_holds_the_file_is_not_sent_it_again(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    changed = client.get(path, headers={"If-None-Match": '"other"'})

    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (changed.status_code, changed.content) == (200, first.content)


def test_head_answers_without_the_file(client: httpx.Client) -> None:
    answer = client.head("/")

    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 1000


@pytest.mark.parametrize("name", ["missing.js", "..%2Fapp.py", "%2e%2e%2fapp.py", "__init__.py", ""])
def test_no_other_file_is_served(client: httpx.Client, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/", "/static/page.css"])
def test_the_page_forbids_everything_that_it_does_not_need(client: httpx.Client, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:|\*", policy)


def test_nothing_in_the_page_names_another_host_or_needs_a_looser_policy(client: httpx.Client) -> None:
    page = client.get("/").text

    assert not re.search(r"https?://", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page)
