"""Who is told what happens to an image on its way through the service; by default nobody."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Stage = Literal["upload", "queue", "open", "decode", "preprocess", "model", "total"]


class Observer:
    """Learns durations and what the model said, never who asked or what the image shows. Called from any thread."""

    def took(self, stage: Stage, seconds: float) -> None:
        """A stage has just ended after `seconds`."""

    def classified(self, label: str, decision: str, probability: float, novelty: float) -> None:
        """The model has judged one image, whether or not the judgement will be answered."""

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Time what is done inside, also when it fails."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.took(name, time.perf_counter() - began)


class Observers(Observer):
    """Tells several."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def took(self, stage: Stage, seconds: float) -> None:
        """Tell each."""
        for observer in self._observers:
            observer.took(stage, seconds)

    def classified(self, label: str, decision: str, probability: float, novelty: float) -> None:
        """Tell each."""
        for observer in self._observers:
            observer.classified(label, decision, probability, novelty)
