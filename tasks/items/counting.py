"""Due dates that were counted in working days: moved by a new calendar, and explained."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnClause,
    Date,
    Integer,
    Text,
    cast,
    column,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Extension
from models.i18n import gettext as _
from models.ledger.history import Change
from tasks.database import coming_from
from tasks.items.statements import change_items
from tasks.ledger.office_time import office_day
from tasks.ledger.questions import overtake_items, overtake_projects
from tasks.ledger.sources import SOURCES
from tasks.ledger.sources import source as name_of_source
from tasks.ledger.workdays import calendar_around

NEW_CALENDAR = "new-calendar"  # the source of these changes in history, before the days that changed
NOW: tuple[ColumnClause[Any], ...] = (column("since", Date()), column("days", Integer()), column("due_on", Date()))
DAYS_NAMED = 20
END_OF_CAMPAIGN = "close-revisit-campaign"  # the head of the source of a date that is given back
IMPORT = "ledger-import"  # the actor of what a file says
NOBODY = ("", "luodi", "sql")  # actors that say nothing about who gave a date
# Since dates say how they were counted, new items do.
OPENED_BY_FORMER = (
    Change.table_name == "action_item",
    Change.column_name.is_(None),
    Change.new.is_not(None),
    ~Change.new.op("?", return_type=Boolean())(literal("counted_from", Text)),
)
COUNTED = (ActionItem.closed_on.is_(None), ActionItem.counted_from.is_not(None))


def re_aim(session: Session, changed: Sequence[date]) -> int:
    """Let open items whose due dates were counted be due by the calendar as it is now.

    What a person or a file gave stays. No round begins anew: the ladder counts from the new date
    what has not fired yet. `changed`: the days that are worked now and were not, or the other way
    round. The caller keeps all items and sets the next steps. Returns how many moved.
    """
    counts = select(ActionItem.counted_from, ActionItem.counted_days, func.max(ActionItem.due_on)).where(*COUNTED)
    grouped = session.execute(counts.group_by(ActionItem.counted_from, ActionItem.counted_days))
    groups = [(since, count, last) for since, count, last in grouped if since and count]
    if not groups:
        return 0
    calendar = calendar_around(session, *(day for since, _count, last in groups for day in (since, last)))
    rows = [(since, count, calendar.add(since, count)) for since, count, _last in groups]
    arrays = (literal([row[at] for row in rows], ARRAY(cell.type)) for at, cell in enumerate(NOW))
    now = func.unnest(*arrays).table_valued(*NOW, name="now").render_derived()
    are_counted = (*COUNTED, ActionItem.counted_from == now.c.since, ActionItem.counted_days == now.c.days)
    moves = update(ActionItem).where(*are_counted, ActionItem.due_on != now.c.due_on).values(due_on=now.c.due_on)
    with coming_from(session, " ".join([NEW_CALENDAR, *map(str, changed[:DAYS_NAMED])])):
        moved = change_items(session, moves.returning(ActionItem.id, ActionItem.project_id)).all()
    overtake_projects(session, [project_id for _item_id, project_id in moved if project_id])
    overtake_items(session, select(ActionItem.id).where(ActionItem.id == func.any([row[0] for row in moved])))
    return len(moved)


def why_due(session: Session, items: Sequence[ActionItem]) -> dict[int, str]:
    """Why each item is due on its day, in a few words; what nobody knows any more is left out."""
    given = [item for item in items if item.counted_from is None]
    reasons = _given(session, given) if given else {}
    counted = _("%(count)s working days from %(day)s")
    for item in items:
        if item.counted_from is not None:
            reasons[item.id] = counted % {"count": item.counted_days, "day": item.counted_from}
    return reasons


def uncounted(session: Session) -> int:
    """How many open items keep their dates because nobody knows whether these were counted."""
    former = exists().where(Change.row_id == cast(ActionItem.id, Text), *OPENED_BY_FORMER)
    extended = exists().where(Extension.item_id == ActionItem.id, Extension.due_on == ActionItem.due_on)
    are_open = (ActionItem.closed_on.is_(None), ActionItem.counted_from.is_(None))
    return session.scalar(select(func.count()).where(*are_open, former, ~extended)) or 0


def _given(session: Session, items: Sequence[ActionItem]) -> dict[int, str]:
    """Who gave the dates: by an extension, a file, or a form.

    The end of a revisit campaign gives back what somebody else gave before. Of an item that a
    former version opened nobody knows whether its date was counted: of that, only an extension.
    """
    ids = {str(item.id): item.id for item in items}
    columns = (Change.row_id, Change.actor, Change.source, Change.recorded_at, Change.new)
    dated = Change.column_name.is_(None) | (Change.column_name == "due_on")
    theirs = select(*columns).where(Change.table_name == "action_item", Change.row_id.in_(ids), dated)
    gives_back = Change.source.startswith(END_OF_CAMPAIGN)
    former = set(session.scalars(select(Change.row_id).where(Change.row_id.in_(ids), *OPENED_BY_FORMER)))
    reasons, days = {}, {item.id: item.due_on for item in items}
    for row in session.execute(theirs.where(Change.row_id.not_in(former)).order_by(gives_back.desc(), Change.id)):
        if str(days[ids[row.row_id]]) in (row.new, isinstance(row.new, dict) and row.new["due_on"]):
            reasons[ids[row.row_id]] = _by_whom(row.actor, row.source, office_day(row.recorded_at))
    extended = select(Extension).where(Extension.item_id.in_(ids.values())).order_by(Extension.id)
    for extension in session.scalars(extended):
        if extension.due_on == days[extension.item_id]:
            moved = _("moved by %(who)s on %(day)s: %(reason)s")
            words = {"who": extension.granted_by, "day": office_day(extension.recorded_at), "reason": extension.reason}
            reasons[extension.item_id] = moved % words
    return {number: why for number, why in reasons.items() if why}


def _by_whom(actor: str, source: str, day: date) -> str:
    if actor == IMPORT:
        return _("as in the file %(file)s") % {"file": source}
    if actor in NOBODY:
        return ""
    who = name_of_source(source) if actor in SOURCES else actor
    return _("set by %(who)s on %(day)s") % {"who": who, "day": day}
