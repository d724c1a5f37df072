"""Which studies are dealt with, and when."""

from collections.abc import Sequence

from service.dicomweb import FoundStudy
from service.dicomweb_worker.metrics import WorkerMetrics
from service.dicomweb_worker.polling import Polling
from service.errors import ArchiveFailed, PeerUnavailable
from service.schemas import ModelIdentity
from service.studies import StudyAnswer

MODEL = ModelIdentity(name="m", version="1", sha256="0" * 64)


class Pacs:
    """Studies by UID with how many instances each holds."""

    def __init__(self, **studies: str) -> None:
        self.studies = {uid.replace("_", "."): count for uid, count in studies.items()}
        self.asked: list[str] = []
        self.is_down = False
        self.fails: Sequence[str] = ()

    def find(self) -> list[FoundStudy]:
        if self.is_down:
            raise PeerUnavailable("no connection")
        return [FoundStudy(uid, count) for uid, count in self.studies.items()]

    def classify(self, study: str) -> StudyAnswer:
        self.asked.append(study)
        if study in self.fails:
            raise ArchiveFailed("down")
        return StudyAnswer(study_uid=study, series=(), model=MODEL, request_id="r")


def polling(pacs: Pacs, waits: bool = True) -> Polling:
    return Polling(pacs.find, pacs.classify, WorkerMetrics(), waits=waits)


def test_a_study_is_dealt_with_once_it_rests_and_then_no_more() -> None:
    pacs = Pacs(**{"1_2": "5"})
    own = polling(pacs)

    own.look()
    assert pacs.asked == []
    pacs.studies["1.2"] = "9"
    own.look()
    assert pacs.asked == []
    for _ in range(3):
        own.look()
    assert pacs.asked == ["1.2"]


def test_a_study_that_grows_later_is_dealt_with_again() -> None:
    pacs = Pacs(**{"1_2": "5"})
    own = polling(pacs)
    own.look()
    own.look()

    pacs.studies["1.2"] = "10"
    own.look()
    own.look()

    assert pacs.asked == ["1.2", "1.2"]


def test_one_that_fails_is_tried_again_and_keeps_no_other_waiting() -> None:
    pacs = Pacs(**{"1_1": "5", "1_2": "5"})
    pacs.fails = ["1.1"]
    own = polling(pacs)
    own.look()

    assert not own.look()
    assert not own.look()
    pacs.fails = []
    assert own.look()

    assert pacs.asked == ["1.1", "1.2", "1.1", "1.1"]


def test_an_archive_that_is_down_is_asked_again() -> None:
    pacs = Pacs(**{"1_2": "5"})
    own = polling(pacs)
    own.look()
    pacs.is_down = True
    assert not own.look()
    pacs.is_down = False
    own.look()

    assert pacs.asked == ["1.2"]


def test_a_single_look_takes_what_is_there() -> None:
    pacs = Pacs(**{"1_2": "5"})

    assert polling(pacs, waits=False).look()

    assert pacs.asked == ["1.2"]


def test_studies_that_are_no_longer_found_are_forgotten() -> None:
    pacs = Pacs(**{"1_2": "5"})
    own = polling(pacs)
    own.look()
    del pacs.studies["1.2"]
    own.look()
    pacs.studies["1.2"] = "5"
    own.look()

    assert pacs.asked == []
