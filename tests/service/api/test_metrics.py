import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from service.settings import Settings
from tests.pictures import blank, bright, encode, good_png
from tests.scraping import samples, scrape
from tests.serving import GatedClassifier, serve, settings_for, wait_until

ROOT = Path(__file__).parents[3]
STAGES = ("upload", "queue", "open", "decode", "preprocess", "model", "total")


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    """A client of a service that nobody has asked anything yet."""
    with serve(settings) as (client, _):
        yield client


def test_it_is_prometheus_text(client: httpx.Client) -> None:
    answer = client.get("/metrics")

    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "_created" not in answer.text


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_of_an_image_is_timed_once(client: httpx.Client, stage: str) -> None:
    client.post("/predict", files={"file": good_png()})

    assert scrape(client, "brain_mri_stage_seconds_count", stage=stage) == 1
    assert 0 < scrape(client, "brain_mri_stage_seconds_sum", stage=stage) < 30


def test_the_stages_of_a_refused_image_end_where_it_was_refused(client: httpx.Client) -> None:
    client.post("/predict", files={"file": encode(blank())})

    assert scrape(client, "brain_mri_stage_seconds_count", stage="preprocess") == 1
    assert scrape(client, "brain_mri_stage_seconds_count", stage="model") == 0


def test_what_the_model_said_is_kept_as_distributions(client: httpx.Client) -> None:
    answer = client.post("/predict", files={"file": good_png()}).json()

    said = {"label": answer["label"], "decision": answer["decision"]}
    assert scrape(client, "brain_mri_classifications_total", **said) == 1
    assert scrape(client, "brain_mri_top_probability_sum") == pytest.approx(answer["probability"])
    assert scrape(client, "brain_mri_novelty_sum") == pytest.approx(answer["novelty"])


def test_the_novelty_of_refused_images_counts_too(client: httpx.Client) -> None:
    client.post("/predict", files={"file": encode(bright())})

    assert scrape(client, "brain_mri_novelty_count") == 1
    assert scrape(client, "brain_mri_novelty_bucket", le="2.0") == 0


def test_the_model_is_named(client: httpx.Client) -> None:
    model = client.get("/health").json()["model"]

    assert samples(client, "brain_mri_model_info") == [(model, 1)]


def test_places_and_queue_are_shown_as_they_are(model_path: Path) -> None:
    classifier = GatedClassifier(model_path)
    settings = settings_for(model_path, threads=1, queue_length=3)
    with serve(settings, classifier) as (client, runtime), ThreadPoolExecutor(3) as pool:
        posts = [pool.submit(client.post, "/predict", files={"file": good_png()}) for _ in range(3)]
        wait_until(lambda: runtime.admission.waiting == 2)

        assert scrape(client, "brain_mri_slots_capacity") == 4
        assert scrape(client, "brain_mri_slots_occupied") == 3
        assert scrape(client, "brain_mri_queue_depth") == 2
        assert scrape(client, "brain_mri_compute_threads") == 1

        classifier.gate.set()
        assert [post.result().status_code for post in posts] == [200] * 3
        wait_until(lambda: scrape(client, "brain_mri_slots_occupied") == 0)
        assert scrape(client, "brain_mri_queue_depth") == 0


def test_the_process_is_watched(client: httpx.Client) -> None:
    assert scrape(client, "process_resident_memory_bytes") > 1_000_000
    assert scrape(client, "process_cpu_seconds_total") > 0
    assert scrape(client, "process_open_fds") > 0


def test_each_application_counts_for_itself(client: httpx.Client, settings: Settings) -> None:
    client.get("/health")

    with serve(settings) as (other, _):
        assert scrape(other, "brain_mri_requests_total", route="/health") == 0


def test_the_documentation_lists_exactly_what_is_served(client: httpx.Client) -> None:
    documented = set(re.findall(r"^\| `(\w+)", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE))
    served = set(re.findall(r"^# TYPE (\w+)", client.get("/metrics").text, re.MULTILINE))

    assert {name for name in documented if name.startswith(("brain_mri_", "process_"))} == served
