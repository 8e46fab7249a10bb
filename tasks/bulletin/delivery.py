"""Shows a bulletin beside its run, and sends it once to each recipient."""

import uuid
from collections.abc import Sequence

from prefect import get_client
from prefect.artifacts import create_markdown_artifact
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from models.bulletin.figures import Figures
from models.escalation.notice import Delivery
from models.i18n import clauses
from models.i18n import gettext as _
from models.ledger.organisation import Person, Unit
from models.words import Role, UnitKind
from tasks.bulletin.files import links
from tasks.bulletin.issue import ACTOR, Issued, corrected, voided
from tasks.bulletin.page import Links, page, trial_page
from tasks.bulletin.words import title
from tasks.database import transaction
from tasks.items.wording import notice_number
from tasks.notices.digest import ACTOR as NOTICE_DELIVERY
from tasks.notices.digest import body_for
from tasks.runs.prefect_api import start_run

KEYS = uuid.UUID("6f0c6f0e-54a5-4d2f-9d44-2f6f3cbb9c11")  # one key per bulletin and person


def show_bulletin(issued: Issued) -> None:
    """Show the bulletin beside the run; one issued before with what has been corrected since."""
    text = page(issued, links(issued), "" if issued.is_new else _correction(issued))
    create_markdown_artifact(text, key=ACTOR, description=issued.name)


def show_trial(figures: Figures) -> None:
    create_markdown_artifact(trial_page(figures), key=f"{ACTOR}-trial", description=title(figures))


def count_recipients() -> int:
    with transaction() as session:
        return len(recipients(session))


def _correction(issued: Issued) -> str:
    changed = [f"{name} {former} → {now}" for name, former, now in corrected(issued)]
    changed += [_("%(document)s (void)") % {"document": notice_number(*number)} for number in voided(issued)]
    if not changed:
        return ""
    return _("Corrected in the ledger since it was issued: %(changes)s") % {"changes": clauses(changed)}


def send_now(issued: Issued) -> int:
    """Send the bulletin, and start its delivery; returns to how many it goes now."""
    count = send(issued)
    if count:
        with get_client(sync_client=True) as client:
            start_run(client, NOTICE_DELIVERY, f"{NOTICE_DELIVERY} of bulletin {issued.id} to {count}")
    return count


def send(issued: Issued) -> int:
    """Queue the bulletin for its recipients; returns how many had not got it yet."""
    with transaction(ACTOR, f"{ACTOR} {issued.figures.week_from}") as session:
        people = recipients(session)
        if not people:
            return 0
        files = [(name, address) for name, address in links(issued) if address]
        markdown = page(issued, files, has_images=False)
        rows = [_delivery(issued, person, markdown, files) for person in people]
        new = insert(Delivery).values(rows).on_conflict_do_nothing(index_elements=["idempotency_key"])
        return len(session.scalars(new.returning(Delivery.id)).all())


def recipients(session: Session) -> Sequence[Person]:
    """Every responsible leader and inspector, and the commerce bureau's operators.

    A bulletin is no duty: people get it also while they are away, and their delegates do not.
    """
    is_operator = (Person.role == Role.OPERATOR) & (Unit.kind == UnitKind.COMMERCE_BUREAU)
    people = select(Person).join(Unit, Unit.id == Person.unit_id).options(joinedload(Person.unit))
    people = people.where(Person.role.in_((Role.LEADER, Role.INSPECTOR)) | is_operator)
    return session.scalars(people.order_by(Person.id)).all()


def _delivery(issued: Issued, person: Person, markdown: str, files: Links) -> dict[str, object]:
    key = uuid.uuid5(KEYS, f"{issued.year}-{issued.number} {person.id}")
    body = body_for(person, issued.name, markdown)
    body["files"] = [{"name": name, "address": address} for name, address in files]
    channel = next(iter(person.channels), "")
    return {"recipient_id": person.id, "channel": channel, "body": body, "idempotency_key": key}
