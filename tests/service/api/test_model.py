import hashlib
from pathlib import Path

import httpx

from tests.tiny_model import card


def test_the_card_is_served_with_the_hash_of_its_file(client: httpx.Client, model_path: Path) -> None:
    expected = card() | {"sha256": hashlib.sha256(model_path.read_bytes()).hexdigest()}

    assert client.get("/model").json() == expected
