"""Skip cells that only repeat a value a person has since corrected in the ledger."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, ColumnElement, Executable, Integer, Table, Text, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.escalation.action_item import Blocker
from models.i18n import gettext as _
from models.ledger.history import Change
from models.ledger.project import CapitalEvent, Milestone, Project
from models.office_files.rows import MILESTONE_PARTS, Effect, LedgerFile, LedgerRow, Problem
from models.words import Word
from tasks.imports.entering.identify import MatchedProject
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


PROJECTS = Staged(
    STAGED_PROJECT,
    Project.id,
    Project.id == STAGED_PROJECT.c.project_id,
    columns=PROJECT_COLUMNS[1:],  # without the code, by which the project was found
    parts=lambda row: [("", row)],
    part=literal(""),
)
MILESTONES = Staged(
    STAGED_MILESTONE,
    Milestone.id,
    (Milestone.project_id == STAGED_MILESTONE.c.project_id) & (Milestone.kind == STAGED_MILESTONE.c.kind),
    columns=MILESTONE_PARTS,
    parts=lambda row: [(cells.kind, cells) for cells in row.milestones],
    part=STAGED_MILESTONE.c.kind.cast(Text),
)
CAPITAL = Staged(
    STAGED_CAPITAL,
    CapitalEvent.id,
    CapitalEvent.id == STAGED_CAPITAL.c.event_id,
    columns=("amount", "currency", "evidence"),
    parts=lambda row: [(cells.key, cells) for cells in row.capital],
    part=func.concat_ws(" ", STAGED_CAPITAL.c.kind, STAGED_CAPITAL.c.happened_on),
)
BLOCKERS = Staged(
    STAGED_BLOCKER,
    Blocker.item_id,
    Blocker.item_id == STAGED_BLOCKER.c.item_id,
    columns=("category", "recipient_unit_id", "proposed_solution"),
    parts=lambda row: [(cells.description, cells) for cells in row.blockers],
    part=STAGED_BLOCKER.c.description,
)


def withhold(session: Session, staged: Staged, file: LedgerFile, matches: Sequence[MatchedProject]) -> list[Problem]:
    """Empty the staged cells that people have changed since; returns a note for each."""
    repeated = _repeated(session, staged)
    for column in staged.columns:
        keys = [(row_no, part) for row_no, part, name in repeated if name == column]
        if keys:
            row_nos, parts = zip(*keys, strict=True)
            session.execute(staged.blanking(column), {"rows": list(row_nos), "parts": list(parts)})
    notes = []
    for (row_no, part, column), reason in sorted(repeated.items()):
        row, field = matches[row_no].row, FIELDS.get(column, column)
        value = next((getattr(cells, field) for key, cells in staged.parts(row) if key == part), None)
        header_field = f"{part.split()[0]}.{field}" if staged in (MILESTONES, CAPITAL) else field
        notes.append(file.problem(row, header_field, _shown(value), reason, Effect.NOTE))
    return notes


def _repeated(session: Session, staged: Staged) -> dict[tuple[int, str, str], str]:
    """The cells that only repeat a value a person has since corrected, and why they are skipped."""
    repeated: dict[tuple[int, str, str], str] = {}
    rows = session.execute(staged.differences()).all()
    for change in rows:
        column = change.column_name
        is_cleared = column in (change.file.get("cleared") or ())
        value = BLANKS.get(column) if is_cleared else change.file[column]
        if change.old == value != change.ledger[column]:
            repeated[change.row_no, change.part, column] = no_news(change.actor, change.recorded_at)
    # An amount and its currency stand in one cell: 7亿元 is new where 5亿元 was corrected to
    # 5亿美元.
    for change in rows:
        for column, other in (("amount", "currency"), ("currency", "amount")):
            is_same = change.file.get(other) == change.ledger.get(other)
            if not is_same and (change.row_no, change.part, other) not in repeated:
                repeated.pop((change.row_no, change.part, column), None)
    return repeated


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
