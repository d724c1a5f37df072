"""`trainer predict`: a table of answers and a grid of pictures."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from service.classifier import Classifier
from trainer.atomic import replacing
from trainer.data.image_files import find_files
from trainer.prediction.answers import answer
from trainer.prediction.picture_grid import Tile, draw_grid, tile
from trainer.prediction.table import header, row

TABLE = "predictions.csv"
GRID = "predictions.png"


def write_predictions(
    classifier: Classifier, places: Sequence[Path], out: Path, grid: int, refuse_novel: bool
) -> Counter[str]:
    """Write predictions.csv and, of the first `grid` files, predictions.png to the folder `out`.

    Returns how many files got which decision, or were refused. Raises DataError when there are no files, OSError when
    `out` cannot be written; each of the two files is then as it was before.
    """
    files = find_files(places, ignored=(out / TABLE, out / GRID))
    classes = classifier.card.class_names
    counts: Counter[str] = Counter()
    tiles: list[Tile] = []
    with (
        replacing(out / TABLE) as temporary,
        temporary.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file,
    ):
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header(classes))
        for path in files:
            one = answer(classifier, path, refuse_novel)
            table.writerow(row(one, classes))
            counts[one.result.decision if one.result else "refused"] += 1
            if len(tiles) < grid:
                tiles.append(tile(one))
    if tiles:
        _write_grid(out / GRID, tiles)
    return counts


def _write_grid(path: Path, tiles: Sequence[Tile]) -> None:
    png = io.BytesIO()
    draw_grid(tiles).save(png, "PNG")
    with replacing(path) as temporary:
        temporary.write_bytes(png.getvalue())
