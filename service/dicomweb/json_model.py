"""The DICOM JSON model (PS3.18 annex F), of which some attributes are read and damaged ones are left out."""

import json
from collections.abc import Iterable
from typing import Any

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword

from service.errors import PeerRefused


def read_datasets(body: bytes, keywords: Iterable[str]) -> list[Dataset]:
    """Return of each data set of an answer the attributes of these keywords; raises PeerRefused for anything else."""
    try:
        items = json.loads(body) if body.strip() else []
    except (ValueError, RecursionError) as error:
        raise PeerRefused("an answer that is no JSON") from error
    if not (isinstance(items, list) and all(isinstance(item, dict) for item in items)):
        raise PeerRefused("an answer that is no DICOM JSON")
    tags = [f"{tag_for_keyword(keyword):08X}" for keyword in keywords]
    return [_dataset(item, tags) for item in items]


def _dataset(item: dict[str, Any], tags: Iterable[str]) -> Dataset:
    taken = Dataset()
    for tag in tags:
        if tag in item:
            try:
                taken.update(Dataset.from_json({tag: item[tag]}))
            except Exception:  # pydicom raises anything for a value that it cannot convert
                continue
    return taken
