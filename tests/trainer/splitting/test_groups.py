"""What groups tell about sources."""

from tests.trainer.pictures import sample
from trainer.splitting.groups import shared_between_sources


def test_images_whose_group_reaches_into_another_source_are_counted_by_source() -> None:
    samples = [
        sample(0, group="both", source="one"),
        sample(1, group="both", source="one"),
        sample(2, group="both", source="two"),
        sample(3, group="own", source="two"),
    ]

    assert shared_between_sources(samples) == {"one": 2, "two": 1}
    assert shared_between_sources(samples[3:]) == {}
