"""Who is in charge of an item, and telling him what happened to it."""

from collections.abc import Iterable

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.escalation.recipients import Directory
from models.words import Occasion, Step


def in_charge(who: Directory, item: ActionItem) -> set[int]:
    """Whom to tell of what is decided on an item: its owner and its leader, or who acts for them."""
    charged = (who.addressee(Step.REMINDER_AFTER, item), who.responsible_leader(item))
    return {each.person_id for each in charged if each}


def tell(session: Session, people: Iterable[int], escalation: Escalation, occasion: Occasion, text: str) -> None:
    """Give people a notice of what was decided on what was raised; decided again, they get the newer text."""
    for person_id in sorted(people):
        new = insert(Notice).values(escalation_id=escalation.id, recipient_id=person_id, occasion=occasion, text=text)
        again = {"text": text, "delivery_id": None, "dropped_at": None}
        key = ["escalation_id", "recipient_id", "occasion"]
        session.execute(new.on_conflict_do_update(index_elements=key, set_=again))
