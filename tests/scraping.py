"""Read `/metrics` as Prometheus does."""

import httpx
from prometheus_client.parser import text_string_to_metric_families


def scrape(client: httpx.Client, name: str, **labels: str) -> float:
    """Return the sum of the samples `name` that carry at least these labels; 0 where there is none."""
    return sum(value for found, value in samples(client, name) if labels.items() <= found.items())


def samples(client: httpx.Client, name: str) -> list[tuple[dict[str, str], float]]:
    """Return labels and value of each sample of that name."""
    text = client.get("/metrics").raise_for_status().text
    return [
        (sample.labels, sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    ]
