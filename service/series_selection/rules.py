"""The rules, and what they say of a series."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from service.errors import SettingsError
from service.series_selection.facts import FACTS, SeriesFacts


def _known(patterns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if unknown := sorted(set(patterns) - set(FACTS)):
        raise ValueError(f"{unknown[0]} is none of {', '.join(FACTS)}")
    return patterns


Pattern = Annotated[str, Field(max_length=64)]
Patterns = Annotated[dict[str, tuple[Pattern, ...]], AfterValidator(_known)]


class SelectionRules(BaseModel):
    """A series is taken when it matches every keyword of `include`, none of `exclude`, and has enough images.

    Patterns are those of a shell (`*`, `?`, `[...]`), match the whole text, and do not tell upper from lower case. Of
    `ImageType` each value is matched by itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    include: Patterns = {}
    exclude: Patterns = {}
    min_images: Annotated[int, Field(ge=1)] = 1
    max_images: Annotated[int, Field(ge=1)] = 100_000

    @property
    def about_modality(self) -> "SelectionRules":
        """Those that can be applied when nothing is known of a series but its modality."""
        return SelectionRules(include=_modality(self.include), exclude=_modality(self.exclude))


@dataclass(frozen=True)
class Verdict:
    """`reason` names the rule, and repeats nothing that the header says."""

    taken: bool
    reason: str


def read_rules(path: Path | None) -> SelectionRules:
    """Read a TOML file, or the rules that ship where there is none; raises SettingsError naming file and key."""
    name = str(path) if path else "default.toml"
    try:
        text = path.read_text("utf-8") if path else files("service.series_selection").joinpath(name).read_text("utf-8")
        return SelectionRules.model_validate(tomllib.loads(text))
    except OSError as error:
        raise SettingsError(f"{name}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}: no TOML in UTF-8 ({error}).") from error
    except ValidationError as error:
        raise SettingsError(f"{name}: " + "; ".join(map(_line, error.errors())) + ".") from error


def select(facts: SeriesFacts, rules: SelectionRules) -> Verdict:
    """Say whether a series is taken, and by which rule it is left."""
    reason = next(_objections(facts, rules), None)
    return Verdict(reason is None, reason or "matches every rule")


def _objections(facts: SeriesFacts, rules: SelectionRules) -> Iterator[str]:
    for keyword, patterns in rules.include.items():
        if not any(_matches(facts, keyword, pattern) for pattern in patterns):
            yield f"include.{keyword}: matches none of {len(patterns)} patterns"
    for keyword, patterns in rules.exclude.items():
        for pattern in patterns:
            if _matches(facts, keyword, pattern):
                yield f"exclude.{keyword}: matches {pattern!r}"
    if facts.images < rules.min_images:
        yield f"min_images: {facts.images} are fewer than {rules.min_images}"
    if facts.images > rules.max_images:
        yield f"max_images: {facts.images} are more than {rules.max_images}"


def _matches(facts: SeriesFacts, keyword: str, pattern: str) -> bool:
    text = facts.texts[keyword]
    return any(fnmatchcase(part, pattern.upper()) for part in text.split("\\"))


def _line(fault: Any) -> str:
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}"


def _modality(patterns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {keyword: those for keyword, those in patterns.items() if keyword == "Modality"}
