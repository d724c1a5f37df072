"""The last step of a run: the exported file scored on the test split, beside what puts the score into proportion."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from service.classifier import Classifier
from trainer.atomic import replacing
from trainer.card import card_file
from trainer.card.model_card import write_model_card
from trainer.data.sample import Sample
from trainer.evaluation.controls import control_table
from trainer.evaluation.predictions import predict
from trainer.evaluation.report_folder import write_report
from trainer.evaluation.scores import evaluate
from trainer.evaluation.temperature import temperature_of
from trainer.evaluation.text_report import format_report
from trainer.preparation import Prepared
from trainer.splitting.groups import shared_between_sources


def final_report(out: Path, model_path: Path, prepared: Prepared) -> dict[str, Any]:
    """Score the file, write all reports and MODEL_CARD.md to `out` and a summary into the file's card."""
    samples = prepared.samples
    classifier = Classifier(model_path)
    test = [row for row, sample in enumerate(samples) if sample.split == "test"]
    predictions = predict(classifier, [samples[row] for row in test], explain=True)
    report = evaluate(classifier.card, predictions, temperature_of(model_path))
    report["controls"] = control_table(report, samples, prepared.images.pixels, test)
    report["leaked"] = _leaked(classifier, samples)
    report["shared"] = shared_between_sources([samples[row] for row in test])
    report["skipped_before_split"] = dict(Counter(skip.reason for skip in prepared.images.skipped))
    card = card_file.with_metrics(model_path, report)
    write_report(out, card, Classifier(model_path).sha256, predictions, report)
    write_model_card(out / "MODEL_CARD.md", card, report)
    with replacing(out / "report.txt") as temporary:
        temporary.write_text(format_report(report) + "\n", encoding="utf-8")
    return report


def _leaked(classifier: Classifier, samples: Sequence[Sample]) -> dict[str, dict[str, Any]]:
    """Return the score on the test folder that a source brought along, where training has seen groups of it."""
    groups = {sample.group for sample in samples if sample.split in ("train", "validation")}
    table: dict[str, dict[str, Any]] = {}
    for source in sorted({sample.source for sample in samples if sample.folder_split == "test"}):
        own = [sample for sample in samples if sample.source == source and sample.folder_split == "test"]
        seen = sum(sample.group in groups for sample in own)
        if not seen:
            continue
        predictions = predict(classifier, own)
        hits = [r.label == s.label for s, r in zip(predictions.samples, predictions.results, strict=True)]
        table[source] = {"images": len(own), "of_groups_seen_in_training": seen, "accuracy": float(np.mean(hits))}
    return table
