"""New projects that look like one the ledger has, but are not surely it: a note says which one may be meant."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.project import Investor, Project
from models.office_files.columns import bare
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Problem
from tasks.imports.entering.identify import Entry

ALIKE, PERHAPS = 85, 60
"""Names alike so much, of 100, are enough; alike so much they are when the investor, or amount and day, agree too."""
LIKELIEST = 10
MOST = 10_000_000
"""Pairs of names that are looked at; a file that enters a whole city anew is not held back for hours."""
NUMERALS = re.compile(r"[0-9]+|[一二三四五六七八九十]+|[ⅠⅡⅢⅣⅤ]+")


class Known(NamedTuple):
    """What the ledger says of a project."""

    code: str
    name: str
    investor: str
    facts: tuple[object, object]


def likely_doubles(session: Session, file: LedgerFile, entries: Sequence[Entry]) -> list[Problem]:
    """A note for each new project of the file whose unit has one much like it, or another unit its very namesake."""
    new: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.is_new:
            new.setdefault(entry.units[0], []).append(entry)
    known = _known(session, Project.unit_id == func.any(list(new)))
    notes = [_note(file, entry.row, double) for entry, double in _namesakes(session, new)]
    budget = MOST
    for unit_id, fresh in new.items():
        there = known.get(unit_id, [])
        compared = fresh[: budget // max(len(there), 1)]
        budget -= len(compared) * len(there)
        notes += (_note(file, entry.row, double) for entry, double in _doubles(compared, there))
        if len(compared) < len(fresh):
            notes.append(_not_compared(file, fresh[len(compared)].row))
    return notes


def _namesakes(session: Session, new: Mapping[int, Sequence[Entry]]) -> Iterator[tuple[Entry, Known]]:
    """The new projects of which another unit has one of the same name and investor: it may have changed hands."""
    names = {entry.row.name for fresh in new.values() for entry in fresh if entry.row.investor}
    elsewhere = _known(session, Project.name == func.any(list(names)))
    known = {(each.name, each.investor): (unit, each) for unit, there in elsewhere.items() for each in there}
    for unit_id, fresh in new.items():
        for entry in fresh:
            unit, double = known.get((entry.row.name, entry.row.investor), (unit_id, None))
            if double and unit != unit_id:
                yield entry, double


def _known(session: Session, which: ColumnElement[bool]) -> dict[int, list[Known]]:
    """The projects that are meant, by unit."""
    asked = (
        select(Project.unit_id, Project.code, Project.name, func.coalesce(Investor.name, ""), Project.amount)
        .add_columns(Project.signed_on)
        .outerjoin(Investor, Project.investor_id == Investor.id)
        .where(which)
        .order_by(Project.id)
    )
    known: dict[int, list[Known]] = {}
    for unit_id, code, name, investor, amount, signed_on in session.execute(asked):
        known.setdefault(unit_id, []).append(Known(code, name, investor, (amount, signed_on)))
    return known


def _doubles(fresh: Sequence[Entry], there: Sequence[Known]) -> Iterator[tuple[Entry, Known]]:
    """The new projects that look like a known one, each with the likeliest."""
    names = [bare(each.name) for each in there]
    for entry in fresh if there else ():
        likely = process.extract(bare(entry.row.name), names, scorer=fuzz.ratio, score_cutoff=PERHAPS, limit=LIKELIEST)
        double = next((there[at] for _name, score, at in likely if _is_like(entry.row, there[at], score)), None)
        if double:
            yield entry, double


def _is_like(row: LedgerRow, known: Known, score: float) -> bool:
    if NUMERALS.findall(bare(row.name)) != NUMERALS.findall(bare(known.name)):  # 一期 and 二期 are two
        return False
    agree = bool(row.investor and row.investor == known.investor) or (row.amount, row.signed_on) == known.facts
    return score >= ALIKE or agree


def _note(file: LedgerFile, row: LedgerRow, double: Known) -> Problem:
    reason = _(
        "Entered as a new project, but it looks like %(code)s “%(name)s” of %(investor)s. If it is the same, write "
        "that code into your file, and end the new one as lost, entered twice."
    )
    said = {"code": double.code, "name": double.name, "investor": double.investor or "—"}
    return file.problem(row, "name", row.name, reason % said, Effect.NOTE, double.code)


def _not_compared(file: LedgerFile, row: LedgerRow) -> Problem:
    reason = _("So many projects are new that from here on none was held against those the ledger has already.")
    return file.problem(row, "name", row.name, reason, Effect.NOTE)
