"""A trial of the delivery: who would be sent what now. Nothing is written."""

from collections import Counter

from prefect.artifacts import create_table_artifact
from sqlalchemy import func, select, text
from sqlalchemy.orm import joinedload

from models.escalation.notice import Delivery
from models.escalation.withdrawn import WithdrawnNotice
from models.i18n import gettext as _
from models.ledger.organisation import Person
from tasks.database import snapshot
from tasks.ledger.lookups import person_choice
from tasks.notices.delivery import UNSETTLED, channel_name
from tasks.notices.digest import ACTOR, SETTLED
from tasks.notices.withdrawals import WAITING

MATTERS = f"""
SELECT n.recipient_id, count(DISTINCT (e.item_id, n.occasion))
FROM notice n JOIN escalation e ON e.id = n.escalation_id JOIN action_item i ON i.id = e.item_id
WHERE n.delivery_id IS NULL AND n.dropped_at IS NULL AND NOT {SETTLED}
GROUP BY n.recipient_id
"""  # noqa: S608 - only words of ours


def try_delivery() -> list[dict[str, str | int]]:
    """Who would be sent how much, a row a person."""
    withdrawn = select(WithdrawnNotice.recipient_id, func.count()).where(*WAITING)
    written = select(Delivery.recipient_id, func.count()).where(*UNSETTLED)
    with snapshot() as session:
        counts = [
            Counter({row[0]: row[1] for row in session.execute(query)})
            for query in (
                text(MATTERS),
                withdrawn.group_by(WithdrawnNotice.recipient_id),
                written.group_by(Delivery.recipient_id),
            )
        ]
        people = select(Person).where(Person.id.in_({person for count in counts for person in count}))
        named = session.scalars(people.options(joinedload(Person.unit)).order_by(Person.id)).all()
        return [_row(person, *(count[person.id] for count in counts)) for person in named]


def _row(person: Person, matters: int, withdrawn: int, written: int) -> dict[str, str | int]:
    return {
        _("Recipient"): person_choice(person),
        _("Channel"): channel_name(next(iter(person.channels), "")),
        _("Matters"): matters,
        _("Withdrawn"): withdrawn,
        _("Messages that could not be sent yet"): written,
    }


def show_trial(rows: list[dict[str, str | int]]) -> None:
    if rows:
        create_table_artifact(rows, key=f"{ACTOR}-trial", description=_("Who would be told, and how"))
