"""Skip cells that only repeat a value a person has since corrected in the ledger."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.office_files.rows import (
    MILESTONE_PARTS,
    BlockerCells,
    CapitalCells,
    Effect,
    LedgerFile,
    LedgerRow,
    MilestoneCells,
    Problem,
)
from models.words import Word
from tasks.imports.entering.identify import MatchedProject
from tasks.ledger.office_time import office_day

FIELDS = {
    "investor_id": "investor",
    "unit_id": "units",
    "currency": "amount",
    "officer_id": "officer",
    "leader_id": "leader",
    "squad_id": "squad",
    "recipient_unit_id": "recipient",
    "proposed_solution": "solution",
}  # a row's fields by the ledger's columns, if the two have different names
CLEARED = {"sector": "other", "is_sme": False, "origin_activity": ""}  # a column once its cell is cleared; else null

Part = LedgerRow | MilestoneCells | CapitalCells | BlockerCells


@dataclass(frozen=True)
class Staged:
    """A staging table, the ledger's table it is for, and the columns people change there."""

    name: str
    table: str
    columns: tuple[str, ...]
    match: str
    """Finds the ledger's row `t` of a staged row `s` and its project `p`."""
    parts: Callable[[LedgerRow], Iterable[tuple[str, Part]]]
    """The parts of a row that are staged here, by what tells them apart in `part`."""
    key: str = "id"
    part: str = "''"

    def differences(self) -> TextClause:
        """Cells that differ from the ledger, with each change people have made to them, oldest first."""
        statement = text(f"""
            SELECT s.row_no, {self.part} AS part, c.column_name, c.old, c.actor, c.recorded_at,
                   to_jsonb(s) AS file, to_jsonb(t) AS ledger
            FROM {self.name} s
            JOIN staged_project p ON p.row_no = s.row_no AND NOT p.is_new
            JOIN {self.table} t ON {self.match}
            JOIN change c ON c.table_name = '{self.table}' AND c.row_id = CAST(t.{self.key} AS text)
            WHERE c.actor <> 'ledger-import' AND c.old IS NOT NULL AND c.column_name = ANY (:columns)
              AND (to_jsonb(s) ->> c.column_name <> '' OR to_jsonb(s) -> 'cleared' ? c.column_name)
              AND to_jsonb(t) -> c.column_name <> coalesce(to_jsonb(s) -> c.column_name, 'null')
            ORDER BY c.recorded_at
        """)  # noqa: S608 - only words of ours
        return statement.bindparams(bindparam("columns", list(self.columns), ARRAY(TEXT)))

    def blanking(self, column: str) -> TextClause:
        """The statement that empties a column in the staged rows of `:rows` and `:parts`."""
        cleared = f", cleared = array_remove(s.cleared, '{column}')" if self is PROJECTS else ""
        return text(f"""
            UPDATE {self.name} s SET {column} = NULL{cleared}
            FROM unnest(CAST(:rows AS int[]), CAST(:parts AS text[])) AS w (row_no, part)
            WHERE w.row_no = s.row_no AND w.part = {self.part}
        """)  # noqa: S608 - only words of ours


PROJECTS = Staged(
    name="staged_project",
    table="project",
    columns=(
        "name",
        "investor_id",
        "sector",
        "is_sme",
        "unit_id",
        "amount",
        "currency",
        "signed_on",
        "officer_id",
        "leader_id",
        "squad_id",
        "origin_activity",
    ),
    match="t.id = p.project_id",
    parts=lambda row: [("", row)],
)
MILESTONES = Staged(
    name="staged_milestone",
    table="milestone",
    columns=MILESTONE_PARTS,
    match="t.project_id = p.project_id AND t.kind = s.kind",
    parts=lambda row: [(cells.kind, cells) for cells in row.milestones],
    part="s.kind",
)
CAPITAL = Staged(
    name="staged_capital",
    table="capital_event",
    columns=("amount", "currency", "evidence"),
    match="t.id = s.event_id",
    parts=lambda row: [(cells.key, cells) for cells in row.capital],
    part="concat_ws(' ', s.kind, s.happened_on)",
)
BLOCKERS = Staged(
    name="staged_blocker",
    table="blocker",
    columns=("category", "recipient_unit_id", "proposed_solution"),
    match="t.item_id = s.item_id AND NOT s.is_new",
    parts=lambda row: [(cells.description, cells) for cells in row.blockers],
    key="item_id",
    part="s.description",
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
        value = CLEARED.get(column) if is_cleared else change.file[column]
        if change.old == value != change.ledger[column]:
            repeated[change.row_no, change.part, column] = no_news(change.actor, change.recorded_at)
    # An amount and its currency stand in one cell: 7亿元 is new where 5亿元 was corrected to 5亿美元.
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
    """Why a cell is skipped that repeats a value somebody has changed."""
    reason = _(
        "%(actor)s changed this in the ledger on %(day)s, after it had been as the file says: it stays as changed. "
        "If the file is right, enter it by the flow `correction` or `change-assignment`."
    )
    return reason % {"actor": actor, "day": office_day(moment)}
