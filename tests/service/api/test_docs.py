import re

import httpx
import pytest

from service import DISCLAIMER
from service.api.upload import BATCH_RAW_TYPES, RAW_TYPES
from service.reports.offers import MEDIA_TYPES

CORE = [
    *("/predict", "/predict/batch", "/render", "/health", "/health/live", "/health/ready", "/metrics", "/model"),
    "/problems/{code}",
]


def test_the_page_names_no_other_host_and_all_it_links_to_is_served(client: httpx.Client) -> None:
    page = client.get("/docs")

    assert page.status_code == 200
    assert "//" not in re.sub(r"<!--.*?-->", "", page.text, flags=re.DOTALL)
    links = [*re.findall(r'(?:src|href)="([^"]+)"', page.text), "openapi.json"]
    assert len(links) == 5
    for link in links:
        assert client.get(f"/{link}").status_code == 200


@pytest.mark.parametrize("name", ["index.html", "__init__.py", "..%2F__init__.py"])
def test_no_other_file_is_served(client: httpx.Client, name: str) -> None:
    assert client.get(f"/docs/assets/{name}").status_code == 404


def test_the_description_covers_every_route_and_warns(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()

    assert sorted(document["paths"]) == sorted(CORE)
    assert DISCLAIMER in document["info"]["description"]


def test_the_description_of_a_batch_is_the_real_one(client: httpx.Client) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/predict/batch"]["post"]

    assert set(operation["requestBody"]["content"]) == {"multipart/form-data", "image/*", *BATCH_RAW_TYPES}
    assert set(operation["responses"]) == {"200", "406", *REFUSALS}
    assert set(operation["responses"]["200"]["content"]) == {"application/json", "application/x-ndjson", *MEDIA_TYPES}
    kinds = operation["responses"]["200"]["content"]["application/x-ndjson"]["schema"]["oneOf"]
    assert [kind["properties"]["kind"]["const"] for kind in kinds] == ["result", "summary"]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["explain", "result"]


def test_every_reference_leads_somewhere(client: httpx.Client) -> None:
    text = client.get("/openapi.json").text
    schemas = client.get("/openapi.json").json()["components"]["schemas"]

    references = set(re.findall(r'"\$ref":\s*"#/components/schemas/([^"]+)"', text))
    assert {"Prediction", "BatchSummary"} <= references <= schemas.keys()


def test_the_frame_is_an_integer_or_left_out(client: httpx.Client) -> None:
    frame, *_ = client.get("/openapi.json").json()["paths"]["/predict"]["post"]["parameters"]

    assert (frame["required"], frame["schema"]["type"], frame["schema"]["minimum"]) == (False, "integer", 0)
    assert "default" not in frame["schema"]


IMAGE = {"multipart/form-data", "image/*", *RAW_TYPES}
PREDICT_ANSWERS = [
    *("application/dicom", "application/fhir+json", "application/hl7-v2", "application/json", "image/png"),
]
REFUSALS = {"400", "401", "403", "408", "413", "415", "422", "429", "503", "504"}


@pytest.mark.parametrize(
    ("path", "answers", "refusals", "parameters"),
    [
        ("/predict", PREDICT_ANSWERS, REFUSALS | {"406"}, ["frame", "explain", "result", "opacity"]),
        ("/render", ["image/png"], REFUSALS, ["frame", "count", "max_edge"]),
    ],
)
def test_the_description_of_what_takes_an_image_is_the_real_one(
    client: httpx.Client, path: str, answers: list[str], refusals: set[str], parameters: list[str]
) -> None:
    operation = client.get("/openapi.json").json()["paths"][path]["post"]

    assert set(operation["requestBody"]["content"]) == IMAGE
    assert sorted(operation["responses"].pop("200")["content"]) == answers
    assert set(operation["responses"]) == refusals
    for response in operation["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]
    assert [parameter["name"] for parameter in operation["parameters"]] == parameters
