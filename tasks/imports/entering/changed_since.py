"""What a file says that the ledger said once, until a person changed it: no news, and so it is not taken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.office_files.rows import MILESTONE_PARTS, Effect, LedgerFile, LedgerRow, Problem
from models.words import Word
from tasks.imports.entering.identify import Entry
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
}
"""A file's fields by the ledger's columns, where the two have different names."""
BLANKS = '{"sector": "other", "is_sme": false, "origin_activity": ""}'
"""What stands in a column that was emptied; null in the others."""

OLD_NEWS = """
SELECT DISTINCT ON (s.row_no, {part}, c.column_name)
       s.row_no, {part} AS part, c.column_name, c.actor, c.recorded_at
FROM {staged} s
JOIN staged_project p ON p.row_no = s.row_no AND NOT p.is_new
JOIN {table} t ON {match}
JOIN change c ON c.table_name = '{table}' AND c.column_name = ANY (:columns) AND c.row_id = CAST(t.{key} AS text)
CROSS JOIN LATERAL (
    SELECT CASE WHEN c.column_name = ANY ({cleared}) THEN coalesce(CAST(:blanks AS jsonb) -> c.column_name, 'null')
                ELSE nullif(nullif(to_jsonb(s) -> c.column_name, 'null'), '""') END
) AS said (cell)
WHERE c.actor <> 'ledger-import' AND c.old = said.cell AND to_jsonb(t) -> c.column_name <> said.cell AND ({rule})
ORDER BY s.row_no, {part}, c.column_name, c.recorded_at DESC
"""

# An amount and its currency stand in one cell: 7亿元 is news where 5亿元 was corrected to 5亿美元.
ONE_CELL = " AND ".join(
    f"(c.column_name <> '{one}' OR s.{other} = t.{other} OR EXISTS ("
    "SELECT FROM change o WHERE o.table_name = 'project' AND o.row_id = c.row_id AND o.actor <> 'ledger-import' "
    f"AND o.column_name = '{other}' AND o.old = to_jsonb(s.{other})))"
    for one, other in (("amount", "currency"), ("currency", "amount"))
)

WITHHOLD = """
UPDATE {staged} s SET {blanked}
FROM (
    SELECT row_no, part, array_agg(column_name) AS columns
    FROM unnest(CAST(:rows AS int[]), CAST(:parts AS text[]), CAST(:names AS text[])) AS o (row_no, part, column_name)
    GROUP BY row_no, part
) w
WHERE w.row_no = s.row_no AND w.part = {part}
"""


def of_project(row: LedgerRow, _part: str, name: str) -> tuple[str, Any]:
    """A column of `project`, as field and value of a row."""
    field = FIELDS.get(name, name)
    return field, _shown(getattr(row, field))


def of_milestone(row: LedgerRow, kind: str, name: str) -> tuple[str, Any]:
    """A column of `milestone`, likewise."""
    return f"{kind}.{name}", next((_shown(getattr(each, name)) for each in row.milestones if each.kind == kind), "")


def of_blocker(row: LedgerRow, description: str, name: str) -> tuple[str, Any]:
    """A column of `blocker`, likewise."""
    field = FIELDS.get(name, name)
    return field, next((_shown(getattr(each, field)) for each in row.blockers if each.description == description), "")


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value.label if isinstance(value, Word) else "" if value is None else value


@dataclass(frozen=True)
class Staged:
    """A staging table, the ledger's table it is meant for, and the columns people change there."""

    name: str
    table: str
    match: str
    columns: tuple[str, ...]
    key: str = "id"
    part: str = "CAST('' AS text)"
    """Tells rows of one project apart."""
    cleared: str = "CAST('{}' AS text[])"
    rule: str = "true"
    """What else must hold for a cell to be no news."""
    said: Callable[[LedgerRow, str, str], tuple[str, Any]] = of_project
    """Which field of a row a column is, and what the row says of it."""

    def old_news(self) -> str:
        """The statement that finds cells which are no news, each with who changed it last."""
        return OLD_NEWS.format(
            staged=self.name,
            table=self.table,
            match=self.match,
            key=self.key,
            part=self.part,
            cleared=self.cleared,
            rule=self.rule,
        )

    def withhold(self) -> str:
        """The statement that takes those cells out."""
        blanked = [f"{name} = CASE WHEN '{name}' <> ALL (w.columns) THEN s.{name} END" for name in self.columns]
        if self.cleared == "s.cleared":
            blanked.append("cleared = ARRAY(SELECT unnest(s.cleared) EXCEPT SELECT unnest(w.columns))")
        return WITHHOLD.format(staged=self.name, blanked=", ".join(blanked), part=self.part)


PROJECTS = Staged(
    name="staged_project",
    table="project",
    match="t.id = p.project_id",
    columns=(
        *("name", "investor_id", "sector", "is_sme", "unit_id", "amount", "currency", "signed_on"),
        *("officer_id", "leader_id", "squad_id", "origin_activity"),
    ),
    cleared="s.cleared",
    rule=ONE_CELL,
)
MILESTONES = Staged(
    name="staged_milestone",
    table="milestone",
    match="t.project_id = p.project_id AND t.kind = s.kind",
    columns=MILESTONE_PARTS,
    part="s.kind",
    said=of_milestone,
)
BLOCKERS = Staged(
    name="staged_blocker",
    table="blocker",
    match="t.item_id = s.item_id AND NOT s.is_new",
    columns=("category", "recipient_unit_id", "proposed_solution"),
    key="item_id",
    part="s.description",
    said=of_blocker,
)


def withhold(session: Session, staged: Staged, file: LedgerFile, entries: Sequence[Entry]) -> list[Problem]:
    """Take out of a staging table what people have changed since; a note for each cell."""
    given = {"columns": list(staged.columns), "blanks": BLANKS}
    old = session.execute(text(staged.old_news()), given).all()
    if not old:
        return []
    rows, parts, names, _actors, _moments = zip(*old, strict=True)
    session.execute(text(staged.withhold()), {"rows": list(rows), "parts": list(parts), "names": list(names)})
    problems = []
    for row_no, part, name, actor, moment in old:
        row = entries[row_no].row
        field, value = staged.said(row, part, name)
        problems.append(file.problem(row, field, value, no_news(actor, moment), Effect.NOTE))
    return problems


def no_news(actor: str, moment: datetime) -> str:
    """Why a cell is not taken that says what the ledger said until somebody changed it."""
    reason = _(
        "%(actor)s changed this in the ledger on %(day)s, after it had been as the file says: it stays as changed. "
        "If the file is right, enter it by the flow `correction` or `change-assignment`."
    )
    return reason % {"actor": actor, "day": office_day(moment)}
