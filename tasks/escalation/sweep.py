"""The sweep: fires what is due, in one transaction. Its cost follows what is due, not the size of the ledger."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar
from models.escalation.escalation import Escalation
from models.escalation.ladder import due_step, firings
from models.escalation.policy import Policy
from models.escalation.recipients import Directory, Recipient
from models.ledger.history import SweepLog
from models.ledger.project import Investor, Project
from models.ledger.subject import Subject
from models.words import AT_OFFICE, ItemKind, Step
from tasks.database import transaction
from tasks.items.next_steps import TICKS, Ticks, calendar_of, policies
from tasks.items.recipients import directory
from tasks.ledger.document_numbers import take_numbers
from tasks.ledger.questions import ESCALATION

ACTOR = "escalation-sweep"

# The unique keys of both tables hold each step and each notice once, whatever else goes wrong.
FIRE = """
WITH fired AS (
    SELECT * FROM json_to_recordset(CAST(:fired AS json)) AS f (
        item_id int, step text, next_step text, next_fires_on date, policy_id int, document_no int,
        recipient_id int, on_behalf_of_id int, copy_id int)
), moved_on AS (
    UPDATE action_item i
    SET fired_step = f.step, fired_on = :day, next_step = f.next_step, next_fires_on = f.next_fires_on
    FROM fired f WHERE i.id = f.item_id
    RETURNING f.*, i.round, coalesce(i.promised_on, i.due_on) AS due_on
), raised AS (
    INSERT INTO escalation (item_id, round, step, recipient_id, on_behalf_of_id, policy_id, due_on, document_no,
                            raised_on)
    SELECT item_id, round, step, recipient_id, on_behalf_of_id, policy_id, due_on, document_no, CAST(:day AS date)
    FROM moved_on
    ON CONFLICT (item_id, round, step) DO NOTHING
    RETURNING id, item_id
), told AS (
    INSERT INTO notice (escalation_id, recipient_id, occasion)
    SELECT r.id, n.recipient_id, n.occasion
    FROM raised r JOIN fired f USING (item_id)
    CROSS JOIN LATERAL (VALUES (f.recipient_id, 'raised'), (f.copy_id, 'copy')) AS n (recipient_id, occasion)
    WHERE n.recipient_id IS NOT NULL
), asked_anew AS (
    UPDATE ask SET overtaken_at = now() FROM raised r
    WHERE flow = :flow AND subject_id = r.item_id AND is_standing AND verdict IS NULL AND overtaken_at IS NULL
)
SELECT id FROM raised ORDER BY id
"""

_DUE = select(ActionItem.id, ActionItem.owner_id, ActionItem.leader_id, ActionItem.unit_id, *TICKS).where(
    ActionItem.closed_on.is_(None), ActionItem.next_fires_on <= bindparam("as_of")
)
DUE = (
    _DUE.join(Project, Project.id == ActionItem.project_id)
    .order_by(Project.id, ActionItem.id)
    .with_for_update(of=(Project, ActionItem)),
    _DUE.join(Investor, Investor.id == ActionItem.investor_id)
    .order_by(Investor.id, ActionItem.id)
    .with_for_update(of=(Investor, ActionItem), key_share=True),
    _DUE.where(ActionItem.project_id.is_(None), ActionItem.investor_id.is_(None))
    .order_by(ActionItem.id)
    .with_for_update(),
)
"""What is due on a project, to an investor, and elsewhere: in the order in which rows are locked."""

BY_INDEX = "SET LOCAL random_page_cost = 1.1"
"""Or PostgreSQL, which takes every look-up for a turn of a disk, rather reads the whole ledger of projects."""

UNHEARD = (
    select(
        Escalation.id,
        Escalation.step,
        ActionItem.project_id,
        ActionItem.investor_id,
        ActionItem.kind,
        ActionItem.owner_id,
        ActionItem.leader_id,
        ActionItem.unit_id,
    )
    .join(ActionItem, ActionItem.id == Escalation.item_id)
    .where(Escalation.recipient_id.is_(None), ActionItem.closed_on.is_(None), ActionItem.is_paused.is_(False))
    .where(Escalation.round == ActionItem.round, Escalation.step == ActionItem.fired_step)
)
"""The steps that stand and have reached nobody, and who is in charge of their items."""

ADDRESS = """
WITH reached AS (
    SELECT * FROM json_to_recordset(CAST(:reached AS json)) AS r (
        escalation_id int, recipient_id int, on_behalf_of_id int)
), addressed AS (
    UPDATE escalation e SET recipient_id = r.recipient_id, on_behalf_of_id = r.on_behalf_of_id
    FROM reached r WHERE e.id = r.escalation_id
)
INSERT INTO notice (escalation_id, recipient_id, occasion)
SELECT escalation_id, recipient_id, 'raised' FROM reached
ON CONFLICT (escalation_id, recipient_id, occasion) DO NOTHING
"""


class DueItem(NamedTuple):
    """An item whose step is due: who is in charge of it, and what the ladder looks at."""

    id: int
    owner_id: int | None
    leader_id: int | None
    unit_id: int
    ticks: Ticks

    @property
    def kind(self) -> ItemKind:
        """What is owed."""
        return self.ticks.kind


class Rung(NamedTuple):
    """What fires for items alike."""

    step: Step
    is_first_at_office: bool
    """Whether the inspection office hears of them for the first time in this round."""
    columns: dict[str, object]
    """What `FIRE` must know of it."""


class Fired(NamedTuple):
    """One item for which a step fires now, who must act on it and who hears of it beside."""

    item: DueItem
    rung: Rung
    addressee: Recipient | None
    copy: Recipient | None

    def as_row(self, document_no: int | None) -> dict[str, object]:
        """What `FIRE` must know; nobody gets two notices."""
        row = {"item_id": self.item.id, **self.rung.columns}
        if document_no:
            row["document_no"] = document_no
        if self.addressee:
            row["recipient_id"], row["on_behalf_of_id"] = self.addressee.person_id, self.addressee.on_behalf_of_id
        if self.copy and (self.addressee is None or self.addressee.person_id != self.copy.person_id):
            row["copy_id"] = self.copy.person_id
        return row


def sweep(as_of: date) -> list[int]:
    """Fire, for every open item, the step that stands on `as_of` and has not fired; returns the new escalations.

    Late, twice, or by two workers at once it fires nothing more: whoever closes an item or fires its step holds the
    same locks, those of projects first, then those of investors.
    """
    with transaction(ACTOR, f"{ACTOR} {as_of}") as session:
        raised = _fire(session, _due(session, as_of), as_of)
        session.execute(insert(SweepLog).values(as_of=as_of, finished_at=datetime.now(UTC), fired=len(raised)))
    return raised


def unheard(session: Session) -> int:
    """How many steps stand and have reached nobody, since nobody was known who must act on them."""
    return session.scalar(select(func.count()).select_from(UNHEARD.subquery())) or 0


def address_unheard(as_of: date) -> None:
    """Let those hear of a former step who are known by now."""
    with transaction(ACTOR, f"{ACTOR} {as_of}") as session:
        who = directory(session, as_of)
        if found := _reachable(session, who):
            locked = {_subject(row) for row in found}
            _lock(session, Project, {each.project_id for each in locked})
            _lock(session, Investor, {each.investor_id for each in locked})
            still = [row for row in _reachable(session, who) if _subject(row) in locked]
            session.execute(text(ADDRESS), {"reached": json.dumps(still)})


def _subject(row: Mapping[str, int | None]) -> Subject:
    return Subject(row["project_id"], row["investor_id"])


def _lock(session: Session, table: type[Project] | type[Investor], ids: Iterable[int | None]) -> None:
    if known := [each for each in ids if each is not None]:
        rows = select(table.id).where(table.id == func.any(known)).order_by(table.id)
        session.execute(rows.with_for_update(key_share=True))


def _reachable(session: Session, who: Directory) -> list[dict[str, int | None]]:
    rows = session.connection().execute(UNHEARD)
    reached = ((row, who.addressee(row.step, row)) for row in rows)
    return [
        {
            "escalation_id": row.id,
            "project_id": row.project_id,
            "investor_id": row.investor_id,
            "recipient_id": addressee.person_id,
            "on_behalf_of_id": addressee.on_behalf_of_id,
        }
        for row, addressee in reached
        if addressee
    ]


def _due(session: Session, as_of: date) -> list[DueItem]:
    """What is due, locked, its project or investor before it; whatever was closed or fired meanwhile is left out."""
    connection = session.connection()  # past the ORM: there may be many
    connection.execute(text(BY_INDEX))
    rows = [row for each in DUE for row in connection.execute(each, {"as_of": as_of}).all()]
    return [DueItem._make((*row[:4], Ticks._make(row[4:]))) for row in rows]


def _fire(session: Session, due: Sequence[DueItem], as_of: date) -> list[int]:
    if not due:
        return []
    fired = _firings(session, due, as_of)
    documents = _documents(session, fired, as_of)
    rows = [each.as_row(number) for each, number in zip(fired, documents, strict=True)]
    return list(session.scalars(text(FIRE), {"day": as_of, "fired": json.dumps(rows), "flow": ESCALATION}))


def _firings(session: Session, due: Sequence[DueItem], as_of: date) -> list[Fired]:
    who, rungs = directory(session, as_of), _rungs(session, {item.ticks for item in due}, as_of)
    return [_fired(who, item, rung) for item in due if (rung := rungs[item.ticks])]


def _rungs(session: Session, alike: Collection[Ticks], as_of: date) -> dict[Ticks, Rung | None]:
    """The step that items alike fire, and what follows it; None for those of which a new rule lets nothing fire."""
    numbers, calendar = policies(session), calendar_of(session, alike, as_of)
    return {ticks: _rung(ticks, numbers[ticks.kind], calendar, as_of) for ticks in alike}


def _rung(ticks: Ticks, numbers: Policy, calendar: Calendar, as_of: date) -> Rung | None:
    firing = due_step(ticks, numbers, calendar, as_of)
    if firing is None:
        return None
    following = next(firings(ticks._replace(fired_step=firing.step, fired_on=as_of), numbers, calendar), None)
    columns: dict[str, object] = {"step": firing.step, "policy_id": numbers.id}
    if following:
        columns |= {"next_step": following.step, "next_fires_on": following.day.isoformat()}
    return Rung(firing.step, firing.step in AT_OFFICE and ticks.fired_step not in AT_OFFICE, columns)


def _fired(who: Directory, item: DueItem, rung: Rung) -> Fired:
    copy = who.copies(rung.step, item, is_first_at_office=rung.is_first_at_office)
    return Fired(item, rung, who.addressee(rung.step, item), copy)


def _documents(session: Session, fired: Sequence[Fired], as_of: date) -> list[int | None]:
    """A number for each item that reaches the inspection office, without gaps within the year."""
    wanted = sum(each.rung.is_first_at_office for each in fired)
    if not wanted:
        return [None] * len(fired)
    numbers = iter(take_numbers(session, f"supervision notice {as_of.year}", wanted))
    return [next(numbers) if each.rung.is_first_at_office else None for each in fired]
