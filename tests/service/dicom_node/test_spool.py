"""The durable spool."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.dicom_node.received_object import ReceivedObject
from service.dicom_node.spool import Spool
from service.dicom_node.statuses import StoreRefused
from service.errors import SettingsError
from service.schemas import ModelIdentity
from service.series import ObjectAnswers

SERIES, OTHER = "a" * 32, "b" * 32
ANSWERS = ObjectAnswers(model=ModelIdentity(name="m", version="1", sha256="0" * 64), results=())


def received(instance: str = "1", series: str = SERIES, size: int = 100) -> ReceivedObject:
    return ReceivedObject(instance.encode() * size, series, instance * 32)


def test_what_was_added_is_there_after_a_new_start(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1000)
    spool.add(received("1"))
    spool.add(received("2"))
    spool.keep_answers(SERIES, "1" * 32, ANSWERS.model_dump_json())
    spool.mark_reported(SERIES, ["1" * 32])
    spool.close()

    again = Spool(tmp_path, 1000)

    assert again.series() == [SERIES]
    assert sorted(again.instances(SERIES)) == ["1" * 32, "2" * 32]
    assert again.load(SERIES, "2" * 32) == received("2").data
    assert again.answers(SERIES, "1" * 32, "0" * 64) == ANSWERS
    assert again.reported(SERIES)[0] == {"1" * 32}
    assert again.used == 200


def test_answers_of_another_model_or_half_written_ones_count_for_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1000)
    spool.add(received("1"))
    spool.keep_answers(SERIES, "1" * 32, ANSWERS.model_dump_json())

    assert spool.answers(SERIES, "1" * 32, "1" * 64) is None
    path = tmp_path / "series" / SERIES / f"{'1' * 32}.json"
    path.write_bytes(path.read_bytes()[:10])
    assert spool.answers(SERIES, "1" * 32, "0" * 64) is None


def test_nobody_else_may_look_into_it(tmp_path: Path) -> None:
    Spool(tmp_path / "spool", 1000).add(received("1"))

    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0


def test_a_second_copy_changes_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1000)
    spool.add(received("1"))

    spool.add(ReceivedObject(b"another", SERIES, "1" * 32))

    assert spool.load(SERIES, "1" * 32) == received("1").data
    assert spool.used == 100


def test_a_full_spool_refuses_until_something_is_removed(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 250)
    spool.add(received("1"))
    spool.add(received("2", OTHER))

    with pytest.raises(StoreRefused) as refused:
        spool.add(received("3"))
    assert (refused.value.status.code, spool.is_full) == (0xA700, True)

    spool.remove(OTHER)
    spool.add(received("3"))

    assert (spool.used, spool.is_full) == (200, False)
    assert spool.series() == [SERIES]


def test_a_full_disk_refuses_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """A file larger than the process may write fails as a full disk does."""
    code = f"""
import resource, signal, sys
from pathlib import Path
from service.dicom_node.received_object import ReceivedObject
from service.dicom_node import spool, statuses
import errno
spool._NO_SPACE = (errno.EFBIG,)  # what this limit gives where a full disk gives ENOSPC
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
mine = spool.Spool(Path({str(tmp_path)!r}), 10**9)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    mine.add(ReceivedObject(b"x" * 5000, "a" * 32, "1" * 32))
except statuses.StoreRefused as refused:
    print(hex(refused.status.code), mine.used, mine.is_full)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout.split() == ["0xa700", "0", "True"]
    assert list((tmp_path / "series").glob("*/*")) == []


def test_two_nodes_cannot_have_one_spool(tmp_path: Path) -> None:
    first = Spool(tmp_path, 1000)

    with pytest.raises(SettingsError, match="another node uses it"):
        Spool(tmp_path, 1000)

    first.close()
    Spool(tmp_path, 1000).close()


def test_a_spool_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match="SERVICE_NODE_SPOOL"):
        Spool(tmp_path / "file" / "spool", 1000)


def test_what_a_killed_node_had_not_finished_is_gone_and_the_rest_is_whole(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from service.dicom_node.received_object import ReceivedObject
from service.dicom_node.spool import Spool
spool = Spool(Path({str(tmp_path)!r}), 10**9)
for number in range(10**6):
    spool.add(ReceivedObject(b"x" * 100_000, "a" * 32, f"{{number:032d}}"))
    print(number, flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if int(line) == 20:
                os.kill(process.pid, signal.SIGKILL)
                break
        last = max([20, *(int(line) for line in process.stdout)])

    spool = Spool(tmp_path, 10**9)

    kept = spool.instances("a" * 32)
    assert {f"{number:032d}" for number in range(last + 1)} <= set(kept)
    assert {len(spool.load("a" * 32, one)) for one in kept} == {100_000}
    assert not list(tmp_path.rglob("*.tmp"))
