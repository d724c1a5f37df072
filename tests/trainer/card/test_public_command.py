"""What of a command line a model card shows."""

import pytest

from trainer.card.public_command import public_command


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        ("scans", "scans"),
        ("../scans", "../scans"),
        ("/home/ann/scans", "scans"),
        ("--out=/home/ann/run", "--out=run"),
        ("/home/ann/a.toml,/home/bob/b.toml", "a.toml,b.toml"),
        ("four-class,/home/ann/a.toml", "four-class,a.toml"),
        ("vgg16=/home/ann/v.h5,mobilenet=none,xception=/home/ann/x.h5", "vgg16=v.h5,mobilenet=none,xception=x.h5"),
        ("/home/ann, bob/scans", "scans"),
        ("glioma_tumor=glioma,no=no_tumor", "glioma_tumor=glioma,no=no_tumor"),
        ("/home/two words", "'two words'"),
    ],
)
def test_no_folder_of_the_machine_is_shown(argument: str, shown: str) -> None:
    assert public_command(["train", argument]) == f"python -m trainer train {shown}"
