from pathlib import Path

import pytest

from service.auth.api_keys import ApiKeys, hash_key, make_key, read_key_file
from service.errors import SettingsError


def test_a_key_is_known_by_its_hash_alone() -> None:
    key = make_key()
    line = hash_key("viewer", key).line()

    assert key not in line
    assert len(key) >= 43 and make_key() != key


def test_the_same_key_has_another_hash_each_time() -> None:
    key = make_key()

    assert hash_key("viewer", key).line() != hash_key("viewer", key).line()


def test_each_key_of_a_file_has_its_owner(tmp_path: Path) -> None:
    keys = {"viewer": make_key(), "pacs.1": make_key()}
    path = tmp_path / "keys"
    lines = [hash_key(name, key).line() for name, key in keys.items()]
    path.write_text("# made by hash-key\n\n" + "\n".join(lines) + "\n")

    read = read_key_file(path)

    assert len(read) == 2
    assert {name: read.owner(key) for name, key in keys.items()} == {name: name for name in keys}


@pytest.mark.parametrize("change", [lambda key: key[:-1], lambda key: key + "x", lambda key: "", str.lower])
def test_nearly_the_key_is_not_the_key(change: object) -> None:
    key = make_key()
    keys = ApiKeys((hash_key("viewer", key),))

    assert keys.owner(change(key)) is None  # type: ignore[operator]


def test_every_line_is_compared_whichever_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    key = make_key()
    compared = []
    entries = tuple(hash_key(name, key if name == "a" else make_key()) for name in "abc")
    monkeypatch.setattr("hmac.compare_digest", lambda a, b: compared.append(a) or a == b)

    assert ApiKeys(entries).owner(key) == "a"
    assert len(compared) == 3


@pytest.mark.parametrize("key", ["", "short", "x" * 31, "x" * 513])
def test_a_key_that_could_be_guessed_or_is_absurd_is_refused(key: str) -> None:
    with pytest.raises(SettingsError, match="32 to 512"):
        hash_key("viewer", key)


@pytest.mark.parametrize("name", ["", "a:b", "DOE^JANE", "a b", "a" * 65, "a\nb"])
def test_a_name_that_would_spoil_a_line_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="the name"):
        hash_key(name, make_key())


@pytest.mark.parametrize("line", ["viewer", "viewer:secretsecretsecretsecretsecret", "viewer:sha256$00$11", ":x"])
def test_a_broken_line_is_named_but_not_quoted(tmp_path: Path, line: str) -> None:
    path = tmp_path / "keys"
    path.write_text(f"# keys\n{line}\n")

    with pytest.raises(SettingsError, match="line 2") as caught:
        read_key_file(path)

    assert "secretsecret" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "keys"
    if content:
        path.write_bytes(content)

    with pytest.raises(SettingsError, match=f"SERVICE_API_KEYS_FILE={path}"):
        read_key_file(path)
