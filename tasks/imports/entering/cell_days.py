"""Keeps as of which day the cells of the ledger hold: a file that confirms a cell counts, too."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.cell_days import ANY_CELL
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Problem
from tasks.documents.text import listed
from tasks.ledger.office_time import office_day, office_zone

HAS_NEWER = "SELECT EXISTS (SELECT FROM cell_days WHERE latest_on > :day)"
KNOWN = """
SELECT p.known, p.pattern, d.days
FROM (SELECT DISTINCT coalesce(r.cell_days_id, 0) AS known, s.pattern
      FROM ({source}) s LEFT JOIN row_days r ON r.row_id = s.row_id AND r.table_name = :owner) p
LEFT JOIN cell_days d ON d.id = p.known
"""
NEW = """
INSERT INTO cell_days (id, days, latest_on)
SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:days AS jsonb[]), CAST(:latest AS date[])) ON CONFLICT DO NOTHING
"""
ENTRIES = """
unnest(CAST(:known AS bigint[]), CAST(:patterns AS integer[]), CAST(:new AS bigint[])) AS m (known, pattern, new)
"""
CHANGED = f"""
UPDATE row_days r SET cell_days_id = m.new
FROM ({{source}}) s, {ENTRIES}
WHERE r.row_id = s.row_id AND r.table_name = :owner AND m.known = r.cell_days_id AND m.pattern = s.pattern
  AND m.new <> m.known
"""  # noqa: S608 - only words of ours
ADDED = f"""
INSERT INTO row_days (row_id, table_name, cell_days_id)
SELECT s.row_id, :owner, m.new FROM ({{source}}) s JOIN {ENTRIES} ON m.known = 0 AND m.pattern = s.pattern
WHERE m.new <> 0
ON CONFLICT DO NOTHING
"""  # noqa: S608
UNUSED = """
DELETE FROM cell_days d
WHERE d.id = ANY (:ids) AND NOT EXISTS (SELECT FROM row_days r WHERE r.cell_days_id = d.id)
"""
GIVEN = "SELECT unnest(CAST(:ids AS integer[])) AS row_id, unnest(CAST(:chosen AS integer[])) AS pattern"
NEWER = """
SELECT r.row_id, n.name, CAST(coalesce(d.days ->> n.name, d.days ->> '*') AS date)
FROM row_days r JOIN cell_days d ON d.id = r.cell_days_id CROSS JOIN unnest(CAST(:names AS text[])) AS n (name)
WHERE r.table_name = :owner AND r.row_id = ANY (:ids) AND d.latest_on > :day
  AND CAST(coalesce(d.days ->> n.name, d.days ->> '*') AS date) > :day
"""
BY_PEOPLE = """
SELECT DISTINCT ON (c.row_id, c.column_name) CAST(c.row_id AS integer), c.column_name, c.recorded_at
FROM change c
WHERE c.table_name = :owner AND c.row_id = ANY (CAST(CAST(:ids AS integer[]) AS text[]))
  AND (c.column_name = ANY (:names) OR c.column_name IS NULL AND c.new IS NOT NULL)
  AND c.actor <> 'ledger-import' AND c.recorded_at >= :since
ORDER BY c.row_id, c.column_name, c.id DESC
"""


class Cell(NamedTuple):
    row_id: int
    column: str


@dataclass
class FileAge:
    """The day a file counts as of, and the cells that newer knowledge keeps from it."""

    day: date
    today: date
    has_newer: bool  # whether the ledger has anything from a newer file
    kept: list[tuple[LedgerRow, str, date]] = field(default_factory=list)  # row, field, day of what is kept

    @property
    def is_late(self) -> bool:
        """Whether anything in the ledger may be newer than the file."""
        return self.has_newer or self.since is not None

    @property
    def since(self) -> datetime | None:
        """From when on what people entered is newer; None if the file is of today."""
        if self.day >= self.today:
            return None
        return datetime.combine(self.day + timedelta(1), time(), office_zone())

    def entered_on(self, moment: datetime) -> date:
        """The day people entered something: none is later than the import."""
        return min(office_day(moment), self.today)

    def notes(self, file: LedgerFile) -> Iterable[Problem]:
        """A note for each sheet and column, with the rows whose cells were left."""
        by_column: dict[tuple[str, str], list[tuple[LedgerRow, date]]] = {}
        for row, name, day in self.kept:
            by_column.setdefault((row.sheet, name), []).append((row, day))
        for (_sheet, name), cells in by_column.items():
            numbers = sorted({row.number for row, _day in cells})
            words = {
                "file_day": self.day,
                "day": max(day for _row, day in cells),
                "count": len(cells),
                "rows": listed(map(str, numbers)),
            }
            first = next(row for row, _day in cells if row.number == numbers[0])
            note = file.problem(first, name, "", _why_kept() % words, Effect.NOTE)
            yield note if note.column else replace(note, column=name.removeprefix("extra."))


def _why_kept() -> str:
    return _(
        "%(count)s cells were left as they are (rows %(rows)s): the ledger has them from something newer (of up to "
        "%(day)s), and this file counts as of %(file_day)s. If they are right, give the file's true day, or enter "
        "them by the flow `correction`."
    )


def age_of(session: Session, day: date, today: date) -> FileAge:
    """The age of a file that counts as of `day` and comes in `today`."""
    return FileAge(day, today, session.scalars(text(HAS_NEWER), {"day": day}).one())


def subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Every choice of these names; the bits of its index say which are in it."""
    return [tuple(name for place, name in enumerate(names) if bits >> place & 1) for bits in range(1 << len(names))]


def bits_of(values: Iterable[object]) -> int:
    """Which of these values are there, as an index of `subsets`."""
    return sum(1 << place for place, value in enumerate(values) if value not in (None, ""))


def keep_days(
    session: Session, owner: str, source: str, patterns: Sequence[Sequence[str]], day: date, **bound: object
) -> None:
    """Note that cells hold as of `day`, unless something newer is known of them.

    `source` selects the `row_id` of rows of the table `owner`, and a `pattern`: which of `patterns`
    names their cells. A file that says nothing newer writes nothing.
    """
    bound = {**bound, "owner": owner}
    known, chosen, new = [], [], []
    entries: dict[int, dict[str, str]] = {}
    for former, pattern, days in session.execute(text(KNOWN.format(source=source)), bound).all():
        entry = _with(days or {}, patterns[pattern], day.isoformat())
        number = _number(entry) if entry else 0
        known.append(former)
        chosen.append(pattern)
        new.append(number)
        if number != former:
            entries[number] = entry
    if not entries:
        return
    latest = [max(entry.values()) for entry in entries.values()]
    columns = {"ids": list(entries), "days": list(map(json.dumps, entries.values())), "latest": latest}
    session.execute(text(NEW), columns)
    bound |= {"known": known, "patterns": chosen, "new": new}
    for statement in (CHANGED, ADDED) if any(known) else (ADDED,):
        session.execute(text(statement.format(source=source)), bound)
    session.execute(text(UNUSED), {"ids": list(set(known) - set(new) - {0})})


def keep_days_of(session: Session, owner: str, rows: Mapping[int, tuple[str, ...]], day: date) -> None:
    """The same for some rows, by id, and the names of their cells."""
    patterns = {names: number for number, names in enumerate(dict.fromkeys(rows.values()))}
    chosen = [patterns[names] for names in rows.values()]
    keep_days(session, owner, GIVEN, list(patterns), day, ids=list(rows), chosen=chosen)


def _with(days: Mapping[str, str], names: Iterable[str], day: str) -> dict[str, str]:
    """The days of cells when a file of `day` has named some of them."""
    anyone = days.get(ANY_CELL, "")
    return {**days, **{name: day for name in names if day >= days.get(name, anyone)}}


def _number(days: Mapping[str, str]) -> int:
    """A number that follows from the days, so that equal ones are one entry."""
    digest = hashlib.sha256(json.dumps(days, sort_keys=True).encode()).digest()
    return int.from_bytes(digest[:8], signed=True) or 1


def newer_cells(
    session: Session, owner: str, ids: Collection[int], names: Sequence[str], age: FileAge
) -> dict[Cell, date]:
    """Those cells of rows that a newer file gave or somebody entered since, with the day."""
    bound = {"owner": owner, "ids": list(ids), "names": list(names), "day": age.day}
    if not ids or not age.is_late:
        return {}
    newer = {Cell(row_id, name): day for row_id, name, day in session.execute(text(NEWER), bound)}
    by_people = session.execute(text(BY_PEOPLE), bound | {"since": age.since}).all() if age.since else []
    for row_id, name, moment in by_people:
        for column in [name] if name else names:
            cell, day = Cell(row_id, column), age.entered_on(moment)
            newer[cell] = max(day, newer.get(cell, day))
    return newer
