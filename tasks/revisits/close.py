"""Ends revisit campaigns. Closing one leaves its open visits due; cancelling one undoes them.

A visit may count for several campaigns: it is due on the earliest of its own day and theirs. When
one of them is cancelled, it is due on the earliest of the rest.
"""

from datetime import date

from sqlalchemy import Boolean, Date, Integer, Update, case, column, func, or_, select, table, text, update
from sqlalchemy.orm import Session

from models.campaigns.revisit import RevisitCampaign, RevisitVisit
from models.escalation.action_item import ActionItem
from models.escalation.ladder import new_round
from models.i18n import gettext as _
from models.i18n import mark
from models.refusal import Refused
from models.words import RevisitEnd
from tasks.database import transaction
from tasks.events.outbox import announce, count_as_one
from tasks.items.moving import GIVEN, move_items
from tasks.items.next_steps import keep_policy
from tasks.ledger.locks import one_at_a_time
from tasks.ledger.questions import overtake_items
from tasks.revisits.open import campaign_named
from tasks.revisits.report import write_report

ACTOR = "close-revisit-campaign"
CONCLUSIONS = {RevisitEnd.CLOSE: mark("Closed: %(why)s"), RevisitEnd.CANCEL: mark("Cancelled: %(why)s")}

LOCKS = (
    """
SELECT id FROM project WHERE id IN (
    SELECT i.project_id FROM revisit_visit v JOIN action_item i ON i.id = v.item_id
    WHERE v.campaign_id = :campaign AND i.closed_on IS NULL)
ORDER BY id FOR UPDATE
""",
    """
SELECT id FROM investor WHERE id IN (
    SELECT i.investor_id FROM revisit_visit v JOIN action_item i ON i.id = v.item_id
    WHERE v.campaign_id = :campaign AND i.closed_on IS NULL)
ORDER BY id FOR NO KEY UPDATE
""",
)

# `heir_id`: another open campaign that holds the visit; `held_due_on`: the earliest day of those.
# A day before this campaign's does not count: somebody has moved the visit since, or it would not
# be due on this campaign's day.
STAGED = """
CREATE TEMPORARY TABLE staged_release ON COMMIT DROP AS
SELECT v.item_id, v.was_opened, v.former_due_on, v.former_counted_from, v.former_counted_days,
       v.was_opened OR coalesce(o.was_opened, false) AS has_no_own_day,
       o.heir_id, o.held_due_on
FROM revisit_visit v
JOIN action_item i ON i.id = v.item_id
LEFT JOIN (
    SELECT w.item_id, min(c.id) AS heir_id, bool_or(w.was_opened) AS was_opened,
           min(c.due_on) FILTER (WHERE c.due_on >= :due_on) AS held_due_on
    FROM revisit_visit w JOIN revisit_campaign c ON c.id = w.campaign_id
    WHERE c.closed_on IS NULL AND c.id <> :campaign
    GROUP BY w.item_id
) o ON o.item_id = v.item_id
WHERE v.campaign_id = :campaign AND i.closed_on IS NULL
"""

CLOSE_OPENED = """
UPDATE action_item i
SET closed_on = :as_of, result = 'cancelled', is_paused = false, next_step = NULL, next_fires_on = NULL
FROM staged_release s WHERE i.id = s.item_id AND s.was_opened AND s.heir_id IS NULL
"""
END_PAUSES = """
UPDATE pause w SET until_on = :as_of
FROM staged_release s WHERE w.item_id = s.item_id AND s.was_opened AND s.heir_id IS NULL AND w.until_on IS NULL
"""

HAND_ON_OPENED = """
UPDATE revisit_visit w SET was_opened = true
FROM staged_release s WHERE s.was_opened AND w.item_id = s.item_id AND w.campaign_id = s.heir_id
"""

# The day of a campaign that is closed becomes the visit's own, for campaigns that still hold it.
HAND_ON_DAY = """
UPDATE revisit_visit w
SET was_opened = false, former_due_on = CASE WHEN c.due_on < :due_on THEN CAST(:due_on AS date) END,
    former_counted_from = NULL, former_counted_days = NULL
FROM staged_release s, revisit_campaign c
WHERE w.item_id = s.item_id AND c.id = w.campaign_id AND c.id <> :campaign AND c.closed_on IS NULL
  AND (s.has_no_own_day OR w.former_due_on > :due_on)
"""

RELEASED = table(
    "staged_release",
    column("item_id", Integer),
    column("former_due_on", Date),
    column("former_counted_from", Date),
    column("former_counted_days", Integer),
    column("has_no_own_day", Boolean),
    column("held_due_on", Date),
)


def check_end(name: str, reason: str, as_of: date) -> None:
    """Raise `Refused` when no reason is given, there is no such campaign, or it is over."""
    if not reason:
        raise Refused(_("Say why the campaign is closed or cancelled."))
    with transaction() as session:
        take(session, name, as_of)


def conclusion(outcome: RevisitEnd, reason: str) -> str:
    return _(CONCLUSIONS[outcome]) % {"why": reason}


def close_campaign(name: str, as_of: date, who: str = "") -> None:
    """End the campaign (see `take`); its open visits stay due on their days, like any others.

    `Refused` when there is no such campaign, or it is over.
    """
    with transaction(who or ACTOR, f"{ACTOR} {name}") as session:
        campaign = take(session, name, as_of)
        values = {"campaign": campaign.id, "due_on": campaign.due_on}
        for statement in (STAGED, HAND_ON_DAY):
            session.execute(text(statement), values)
        _end(session, campaign, as_of)


def close_if_done(name: str, as_of: date) -> bool:
    """Close the campaign if all its visits are closed; whether that is so."""
    with transaction(ACTOR, f"{ACTOR} {name}") as session:
        campaign = take(session, name, as_of)
        if name not in finished(session, as_of):
            return False
        _end(session, campaign, as_of)
    return True


def cancel_campaign(name: str, as_of: date, who: str = "") -> None:
    """End the campaign (see `take`) and undo it: close visits it opened, restore days it moved.

    Visits that another open campaign holds stay with it. Visits that were made are untouched.

    `Refused` when there is no such campaign, or it is over.
    """
    with transaction(who or ACTOR, f"{ACTOR} {name}") as session:
        campaign = take(session, name, as_of)
        count_as_one(session)
        keep_policy(session)
        values = {"campaign": campaign.id, "due_on": campaign.due_on, "as_of": as_of}
        for statement in (*LOCKS, STAGED, END_PAUSES, CLOSE_OPENED):
            session.execute(text(statement), values)
        move_items(session, _put_back(campaign.due_on), as_of)
        session.execute(text(HAND_ON_OPENED))
        overtake_items(session, select(RELEASED.c.item_id))
        _end(session, campaign, as_of, is_cancelled=True)


def _end(session: Session, campaign: RevisitCampaign, as_of: date, *, is_cancelled: bool = False) -> None:
    campaign.closed_on, campaign.is_cancelled = as_of, is_cancelled
    ended = {"campaign_id": campaign.id, "closed_on": str(as_of), "is_cancelled": is_cancelled}
    announce(session, "luodi.campaign.closed", **ended)


def _put_back(due_on: date) -> Update:
    """Restore the former days of visits still due on the campaign's; a moved visit stays moved."""
    released, former = RELEASED.c, func.least(RELEASED.c.former_due_on, RELEASED.c.held_due_on)
    is_own = former == released.former_due_on
    counted = {name: case((is_own, released[f"former_{name}"])) for name in GIVEN}
    return (
        update(ActionItem)
        .where(ActionItem.id == released.item_id, ActionItem.closed_on.is_(None), ActionItem.due_on == due_on)
        .where(or_(released.has_no_own_day, released.former_due_on.is_not(None)), former > due_on)
        .values(due_on=former, **counted, **new_round())
    )


def take(session: Session, name: str, as_of: date) -> RevisitCampaign:
    """The open campaign of that name; until the transaction ends, nobody else ends or opens one.

    Refused when there is none, it is over, or it opens only after `as_of`.
    """
    one_at_a_time(session, "revisit-campaign")
    campaign = campaign_named(session, name)
    if campaign.closed_on:
        message = _("The campaign “%(name)s” has been over since %(day)s.")
        raise Refused(message % {"name": name, "day": campaign.closed_on})
    if as_of < campaign.opened_on:
        message = _("The campaign “%(name)s” was opened on %(day)s: it cannot end before.")
        raise Refused(message % {"name": name, "day": campaign.opened_on})
    return campaign


def finished(session: Session, as_of: date) -> list[str]:
    """Names of the campaigns opened by that day and still open, all of whose visits are closed."""
    is_owed = (
        select(RevisitVisit.item_id)
        .join(ActionItem, ActionItem.id == RevisitVisit.item_id)
        .where(RevisitVisit.campaign_id == RevisitCampaign.id, ActionItem.closed_on.is_(None))
    )
    is_open = (RevisitCampaign.closed_on.is_(None), RevisitCampaign.opened_on <= as_of)
    done = select(RevisitCampaign.name).where(*is_open, ~is_owed.exists())
    return list(session.scalars(done.order_by(RevisitCampaign.id)))


def close_finished(day: date) -> list[str]:
    """Close the campaigns whose visits are all closed, with their reports; returns their names."""
    with transaction() as session:
        names = finished(session, day)
    for name in names:
        write_report(name, day, _("All its visits are closed."))
        close_if_done(name, day)
    return names
