"""The subject of an item: a project or an investor."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """One project or one investor, by its number. Its row is locked before one of its items changes."""

    project_id: int | None = None
    investor_id: int | None = None
