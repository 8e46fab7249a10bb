"""Skip cells that the ledger has from something newer: another file, or a person.

What only repeats a value a person has since corrected is skipped, too, however new the file is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Executable,
    Integer,
    Table,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.escalation.action_item import Blocker
from models.i18n import gettext as _
from models.ledger.cell_days import ANY_CELL, CellDays, RowDays
from models.ledger.history import Change
from models.ledger.project import CapitalEvent, Milestone, Project
from models.office_files.rows import MILESTONE_PARTS, Effect, LedgerFile, LedgerRow, Problem
from models.words import Word
from tasks.imports.entering.cell_days import FileAge
from tasks.imports.entering.identity.matched_project import MatchedProject
from tasks.imports.entering.staging import (
    BLANKS,
    FIELDS,
    PROJECT_COLUMNS,
    STAGED_BLOCKER,
    STAGED_CAPITAL,
    STAGED_MILESTONE,
    STAGED_PROJECT,
)
from tasks.ledger.office_time import office_day


@dataclass(frozen=True)
class Staged:
    """A staging table, the key of the ledger's table, and the columns that people change there."""

    table: Table
    key: InstrumentedAttribute[int]
    match: ColumnElement[bool]  # finds the ledger's row of a staged one
    columns: Sequence[str]
    parts: Callable[[LedgerRow], Iterable[tuple[str, object]]]  # of a row, by what tells them apart in `part`
    part: ColumnElement[str]
    owner: str  # the table whose rows the days of these cells are kept for, and the row there
    owner_id: ColumnElement[int]
    prefix: ColumnElement[str]  # before a column, in the names of these cells

    def newer(self, day: date) -> Executable:
        """Cells that differ from the ledger, and the day as of which a newer file gave those."""
        file, ledger = (func.to_jsonb(table.table_valued(), type_=JSONB) for table in (self.table, self.key.table))
        rows = (
            select(self.table.c.row_no, self.part.label("part"), self.prefix.label("prefix"))
            .add_columns(CellDays.days, file.label("file"), ledger.label("ledger"))
            .select_from(self.table)
            .join(RowDays, (RowDays.row_id == self.owner_id) & (RowDays.table_name == self.owner))
            .join(CellDays, CellDays.id == RowDays.cell_days_id)
            .join(self.key.table, self.match)
            .where(CellDays.latest_on > day)
            .cte("rows")
            .prefix_with("MATERIALIZED")
        )
        names = func.unnest(literal(list(self.columns), ARRAY(Text))).table_valued("name").render_derived("names")
        name, null = names.c.name, literal(JSONB.NULL, JSONB)
        in_ledger = rows.c.ledger.op("->>")(name)
        anyone = case((~func.coalesce(in_ledger, "").in_(BLANK), rows.c.days.op("->>")(ANY_CELL)))
        day_kept = cast(func.coalesce(rows.c.days.op("->>")(func.concat(rows.c.prefix, name)), anyone), Date)
        return (
            select(rows.c.row_no, rows.c.part, name, day_kept.label("day"))
            .join_from(rows, names, true())
            .where((rows.c.file.op("->>")(name) != "") | rows.c.file.op("->")("cleared").op("?")(name))
            .where(rows.c.ledger.op("->")(name) != func.coalesce(rows.c.file.op("->")(name), null), day_kept > day)
        )

    def entered_by_people(self, since: datetime) -> Executable:
        """The rows that differ and that people entered since, with what files say there."""
        file, ledger = (func.to_jsonb(table.table_valued(), type_=JSONB) for table in (self.table, self.key.table))
        is_entry = (Change.table_name == self.key.table.name) & (Change.row_id == self.key.cast(Text))
        return (
            select(self.table.c.row_no, self.part.label("part"), Change.actor, Change.recorded_at)
            .add_columns(file.label("file"), ledger.label("ledger"))
            .select_from(self.table)
            .join(self.key.table, self.match)
            .join(Change, is_entry)
            .where(Change.column_name.is_(None), Change.new.is_not(None))
            .where(Change.actor != "ledger-import", Change.recorded_at >= since)
        )

    def differences(self) -> Executable:
        """Cells that differ from the ledger, with what people changed in them, oldest first."""
        file, ledger = (func.to_jsonb(table.table_valued(), type_=JSONB) for table in (self.table, self.key.table))
        name, null = Change.column_name, literal(JSONB.NULL, JSONB)
        is_change = (Change.table_name == self.key.table.name) & (Change.row_id == self.key.cast(Text))
        return (
            select(self.table.c.row_no, self.part.label("part"), name, Change.old, Change.actor, Change.recorded_at)
            .add_columns(file.label("file"), ledger.label("ledger"))
            .select_from(self.table)
            .join(self.key.table, self.match)
            .join(Change, is_change)
            .where(Change.actor != "ledger-import", Change.old.is_not(None), name.in_(self.columns))
            .where((file.op("->>")(name) != "") | file.op("->")("cleared").op("?")(name))
            .where(ledger.op("->")(name) != func.coalesce(file.op("->")(name), null))
            .order_by(Change.recorded_at)
        )

    def blanking(self, column: str) -> Executable:
        bound = bindparam("rows", type_=ARRAY(Integer)), bindparam("parts", type_=ARRAY(Text))
        wanted = func.unnest(*bound).table_valued("row_no", "part").render_derived()
        values: dict[str, object] = {column: None}
        if self is PROJECTS:
            values["cleared"] = func.array_remove(self.table.c.cleared, column)
        is_wanted = (self.table.c.row_no == wanted.c.row_no, self.part == wanted.c.part)
        return update(self.table).where(*is_wanted).values(values)


BLANK = ("", "false", "other")  # what a cell holds that nobody has filled in
PROJECTS = Staged(
    STAGED_PROJECT,
    Project.id,
    Project.id == STAGED_PROJECT.c.project_id,
    columns=PROJECT_COLUMNS[1:],  # without the code, by which the project was found
    parts=lambda row: [("", row)],
    part=literal(""),
    owner="project",
    owner_id=STAGED_PROJECT.c.project_id,
    prefix=literal(""),
)
MILESTONES = Staged(
    STAGED_MILESTONE,
    Milestone.id,
    (Milestone.project_id == STAGED_MILESTONE.c.project_id) & (Milestone.kind == STAGED_MILESTONE.c.kind),
    columns=MILESTONE_PARTS,
    parts=lambda row: [(cells.kind, cells) for cells in row.milestones],
    part=STAGED_MILESTONE.c.kind.cast(Text),
    owner="project",
    owner_id=STAGED_MILESTONE.c.project_id,
    prefix=STAGED_MILESTONE.c.kind.cast(Text) + ".",
)
CAPITAL = Staged(
    STAGED_CAPITAL,
    CapitalEvent.id,
    CapitalEvent.id == STAGED_CAPITAL.c.event_id,
    columns=("amount", "currency", "evidence"),
    parts=lambda row: [(cells.key, cells) for cells in row.capital],
    part=func.concat_ws(" ", STAGED_CAPITAL.c.kind, STAGED_CAPITAL.c.happened_on),
    owner="capital_event",
    owner_id=STAGED_CAPITAL.c.event_id,
    prefix=literal(""),
)
BLOCKERS = Staged(
    STAGED_BLOCKER,
    Blocker.item_id,
    Blocker.item_id == STAGED_BLOCKER.c.item_id,
    columns=("category", "recipient_unit_id", "proposed_solution"),
    parts=lambda row: [(cells.description, cells) for cells in row.blockers],
    part=STAGED_BLOCKER.c.description,
    owner="blocker",
    owner_id=STAGED_BLOCKER.c.item_id,
    prefix=literal(""),
)


def withhold(
    session: Session, staged: Staged, file: LedgerFile, matches: Sequence[MatchedProject], age: FileAge
) -> list[Problem]:
    """Empty the staged cells of which something newer is known; a note for each a person changed.

    What another file gave is counted in `age`, which notes it by column.
    """
    by_people = _by_people(session, staged, age)
    by_files = _by_files(session, staged, age)
    for column in staged.columns:
        keys = [(row_no, part) for row_no, part, name in by_people | by_files if name == column]
        if keys:
            row_nos, parts = zip(*keys, strict=True)
            session.execute(staged.blanking(column), {"rows": list(row_nos), "parts": list(parts)})
    for (row_no, part, column), day in sorted(by_files.items()):
        is_same_cell = column == "currency" and (row_no, part, "amount") in by_files
        if (row_no, part, column) not in by_people and not is_same_cell:
            age.kept.append((matches[row_no].row, _header_field(staged, part, column), day))
    notes = []
    for (row_no, part, column), reason in sorted(by_people.items()):
        if not reason:
            continue
        row, field = matches[row_no].row, FIELDS.get(column, column)
        value = next((getattr(cells, field) for key, cells in staged.parts(row) if key == part), None)
        notes.append(file.problem(row, _header_field(staged, part, column), _shown(value), reason, Effect.NOTE))
    return notes


def _header_field(staged: Staged, part: str, column: str) -> str:
    field = FIELDS.get(column, column)
    return f"{part.split()[0]}.{field}" if staged in (MILESTONES, CAPITAL) else field


Key = tuple[int, str, str]  # a row's number, its part, and a column


def _by_files(session: Session, staged: Staged, age: FileAge) -> dict[Key, date]:
    """The cells that a newer file gave otherwise, with the day as of which it did."""
    if not age.has_newer:
        return {}
    rows = session.execute(staged.newer(age.day)).all()
    return {(row.row_no, row.part, row.name): row.day for row in rows}


def _by_people(session: Session, staged: Staged, age: FileAge) -> dict[Key, str]:
    """The cells that people changed after the file's day, or that repeat what they corrected."""
    repeated: dict[Key, str] = {}
    newer: dict[Key, str] = {}
    since = age.since
    rows = session.execute(staged.differences()).all()
    for change in rows:
        column, key = change.column_name, (change.row_no, change.part, change.column_name)
        is_cleared = column in (change.file.get("cleared") or ())
        value = BLANKS.get(column) if is_cleared else change.file[column]
        if since and change.recorded_at >= since:
            newer[key] = _newer(change.actor, change.recorded_at, age)
        elif change.old == value != change.ledger[column]:
            repeated[key] = no_news(change.actor, change.recorded_at)
    # An amount and its currency stand in one cell: 7亿元 is new where 5亿元 was corrected to
    # 5亿美元.
    for change in rows:
        for column, other in (("amount", "currency"), ("currency", "amount")):
            is_same = change.file.get(other) == change.ledger.get(other)
            if not is_same and (change.row_no, change.part, other) not in repeated:
                repeated.pop((change.row_no, change.part, column), None)
    if since and staged is not PROJECTS:
        for entry in session.execute(staged.entered_by_people(since)):
            newer |= {
                (entry.row_no, entry.part, column): _newer(entry.actor, entry.recorded_at, age)
                for column in staged.columns
                if _is_other(entry.file.get(column), entry.ledger.get(column))
            }
    for row_no, part, column in list(newer):
        if column in ("amount", "currency"):
            other = "currency" if column == "amount" else "amount"
            newer.setdefault((row_no, part, other), "")  # in one cell with what the note is about
    return repeated | newer


def _is_other(file: object, ledger: object) -> bool:
    return file not in (None, "") and ledger not in (None, "") and file != ledger


def _shown(value: object) -> object:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value.label if isinstance(value, Word) else "" if value is None else value


def no_news(actor: str, moment: datetime) -> str:
    reason = _(
        "%(actor)s changed this in the ledger on %(day)s, after it had been as the file says: it stays as changed. "
        "If the file is right, enter it by the flow `correction` or `change-assignment`."
    )
    return reason % {"actor": actor, "day": office_day(moment)}


def _newer(actor: str, moment: datetime, age: FileAge) -> str:
    reason = _(
        "%(actor)s changed this in the ledger on %(day)s, and the file counts as of %(file_day)s: it stays as changed. "
        "If the file is right, enter it by the flow `correction` or `change-assignment`."
    )
    return reason % {"actor": actor, "day": age.entered_on(moment), "file_day": age.day}
