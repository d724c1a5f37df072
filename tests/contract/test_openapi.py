"""The service keeps to its own OpenAPI document, whatever Schemathesis makes of it: over a real socket, tiny model."""

from collections import Counter

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    load_all_checks,
    negative_data_rejection,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from service.api.upload import BATCH_RAW_TYPES
from service.app import create_app
from service.settings import Settings
from tests.pictures import good_jpeg, good_png
from tests.service.whole_files import whole_files
from tests.serving import PATIENCE_S

load_all_checks()
BUSY = (503, 504)
ONE, MANY = "POST /predict", "POST /predict/batch"
CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]
SCHEMA = schemathesis.openapi.from_dict(create_app(Settings()).openapi())
OPERATIONS = {operation.label: operation for operation in (found.ok() for found in SCHEMA.get_all_operations())}
CASES = [(label, GenerationMode.POSITIVE) for label in OPERATIONS]
CASES += [(label, GenerationMode.NEGATIVE) for label in (ONE, MANY)]  # no other has parameters that can be wrong
bounded = settings(
    max_examples=50,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def send_images() -> None:
    """Make Schemathesis send files that can be read as often as bytes that cannot."""
    readable = st.sampled_from([good_png(), good_jpeg(), *whole_files().values()])
    content = st.one_of(readable, st.binary(max_size=64))
    schemathesis.openapi.format("binary", content)
    for media_type in ("image/*", *BATCH_RAW_TYPES):
        schemathesis.openapi.media_type(media_type, content)


send_images()


@pytest.mark.parametrize(("label", "mode"), CASES, ids=str)
def test_the_service_keeps_to_its_document(client: httpx.Client, label: str, mode: GenerationMode) -> None:
    checks, statuses = [*CHECKS], Counter[int]()
    if label == ONE:  # the files of a batch fail one by one, in an answer that is 200
        checks.append(negative_data_rejection)

    @bounded
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        response = case.call(base_url=str(client.base_url), timeout=PATIENCE_S)
        statuses[response.status_code] += 1
        is_busy = response.status_code in BUSY
        case.validate_response(response, checks=checks if is_busy else [*checks, not_a_server_error])

    ask()

    assert sum(statuses.values()) > sum(statuses[status] for status in BUSY)
    if mode.is_positive and "{" not in label:
        assert statuses[200]
