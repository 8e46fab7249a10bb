"""Notes on new projects that look like a known one but are not surely it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.project import Investor, Project
from models.office_files.columns import bare
from models.office_files.names.likeness import SAME_NAME_SCORE, name_same_part
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Problem
from tasks.imports.entering.identity.matched_project import MatchedProject

SIMILAR_NAME_SCORE = 60  # names at least this similar (0–100) are one, if the investor, or amount and day, match
MAX_CANDIDATES = 10  # most similar names that are looked at for a new project
MAX_COMPARISONS = 10_000_000  # pairs of names; a file with a whole city of new projects must not take hours


class KnownProject(NamedTuple):
    code: str
    name: str
    investor: str
    amount_and_day: tuple[object, object]


def likely_doubles(session: Session, file: LedgerFile, matches: Sequence[MatchedProject]) -> list[Problem]:
    """A note for each new project with a lookalike in its unit, or a namesake in another."""
    new: dict[int, list[MatchedProject]] = {}
    for match in matches:
        if match.is_new:
            new.setdefault(match.units[0], []).append(match)
    known = _known(session, Project.unit_id == func.any(list(new)))
    notes = [_note(file, match.row, double) for match, double in _namesakes(session, new)]
    budget = MAX_COMPARISONS
    for unit_id, fresh in new.items():
        of_unit = known.get(unit_id, [])
        compared = fresh[: budget // max(len(of_unit), 1)]
        budget -= len(compared) * len(of_unit)
        notes += (_note(file, match.row, double) for match, double in _doubles(compared, of_unit))
        if len(compared) < len(fresh):
            reason = _("So many projects are new that from here on none was held against those the ledger has already.")
            first = fresh[len(compared)].row
            notes.append(file.problem(first, "name", first.name, reason, Effect.NOTE))
    return notes


def _namesakes(
    session: Session, new: Mapping[int, Sequence[MatchedProject]]
) -> Iterator[tuple[MatchedProject, KnownProject]]:
    """New projects with name and investor of another unit's: it may have changed hands."""
    names = {match.row.name for fresh in new.values() for match in fresh if match.row.investor}
    by_unit = _known(session, Project.name == func.any(list(names)))
    known = {(one.name, one.investor): (unit, one) for unit, projects in by_unit.items() for one in projects}
    for unit_id, fresh in new.items():
        for match in fresh:
            unit, double = known.get((match.row.name, match.row.investor), (unit_id, None))
            if double and unit != unit_id:
                yield match, double


def _known(session: Session, condition: ColumnElement[bool]) -> dict[int, list[KnownProject]]:
    projects = (
        select(Project.unit_id, Project.code, Project.name, func.coalesce(Investor.name, ""), Project.amount)
        .add_columns(Project.signed_on)
        .outerjoin(Investor, Project.investor_id == Investor.id)
        .where(condition)
        .order_by(Project.id)
    )
    known: dict[int, list[KnownProject]] = {}
    for unit_id, code, name, investor, amount, signed_on in session.execute(projects):
        known.setdefault(unit_id, []).append(KnownProject(code, name, investor, (amount, signed_on)))
    return known


def _doubles(
    fresh: Sequence[MatchedProject], known: Sequence[KnownProject]
) -> Iterator[tuple[MatchedProject, KnownProject]]:
    names = [bare(project.name) for project in known]
    for match in fresh if known else ():
        candidates = process.extract(
            bare(match.row.name), names, scorer=fuzz.ratio, score_cutoff=SIMILAR_NAME_SCORE, limit=MAX_CANDIDATES
        )
        double = next((known[at] for _name, score, at in candidates if _is_like(match.row, known[at], score)), None)
        if double:
            yield match, double


def _is_like(row: LedgerRow, known: KnownProject, score: float) -> bool:
    if not name_same_part(row.name, known.name):
        return False
    is_same_investor = bool(row.investor and row.investor == known.investor)
    return score >= SAME_NAME_SCORE or is_same_investor or (row.amount, row.signed_on) == known.amount_and_day


def _note(file: LedgerFile, row: LedgerRow, double: KnownProject) -> Problem:
    reason = _(
        "Entered as a new project, but it looks like %(code)s “%(name)s” of %(investor)s. If it is the same, write "
        "that code into your file, and end the new one as lost, entered twice."
    )
    words = {"code": double.code, "name": double.name, "investor": double.investor or "—"}
    return file.problem(row, "name", row.name, reason % words, Effect.NOTE, double.code)
