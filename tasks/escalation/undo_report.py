"""The page that says what undoing a sweep withdraws, and what stays and why."""

from prefect.artifacts import create_markdown_artifact
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models.escalation.action_item import ActionItem
from models.i18n import enumerated
from models.i18n import gettext as _
from tasks.database import transaction
from tasks.documents.markdown import cell, table
from tasks.documents.text import cut_note
from tasks.escalation.undo import ACTOR, Undoing
from tasks.items.wording import notice_number, what, whose

ROWS_SHOWN, NUMBERS_SHOWN = 300, 50


def show_undoing(undoing: Undoing, reason: str) -> None:
    create_markdown_artifact(page(undoing, reason), key=ACTOR, description=_("Sweep %(name)s") % {"name": undoing.name})


def page(undoing: Undoing, reason: str) -> str:
    title, withdrawn, stays = _("Sweep %(name)s"), _("What is withdrawn"), _("What stays, and why")
    steps = [(step.label, str(count)) for step, count in undoing.steps.items()]
    kept, all_kept = _kept(undoing), len(undoing.kept)
    parts = [
        f"# {title % {'name': undoing.name}}",
        _("Reason: %(why)s") % {"why": cell(reason)},
        f"## {withdrawn}",
        table((_("Step"), _("Number")), steps) if steps else _("Nothing."),
        _("People whose notices are withdrawn: %(count)s") % {"count": undoing.recipients},
        _void(undoing),
        f"## {stays}",
        table((_("Project or investor, and what is owed"), _("Step"), _("Why")), kept) if kept else _("Nothing."),
        cut_note(len(kept), all_kept),
    ]
    return "\n\n".join(filter(None, parts))


def _void(undoing: Undoing) -> str:
    if not undoing.void:
        return ""
    names = [notice_number(year, number) for year, number in undoing.void]
    numbers = enumerated(names[:NUMBERS_SHOWN]) + (" …" if len(names) > NUMBERS_SHOWN else "")
    return _("Void, and never used again: %(numbers)s") % {"numbers": numbers}


def _kept(undoing: Undoing) -> list[tuple[str, ...]]:
    shown = undoing.kept[:ROWS_SHOWN]
    parts = (ActionItem.project, ActionItem.investor, ActionItem.blocker, ActionItem.milestone, ActionItem.verifies)
    items = select(ActionItem).where(ActionItem.id == func.any([kept.item_id for kept in shown]))
    with transaction() as session:
        found = {item.id: item for item in session.scalars(items.options(*map(joinedload, parts)))}
        owed = {number: " · ".join(filter(None, (whose(item), what(item)))) for number, item in found.items()}
    return [(owed[kept.item_id], kept.step.label, kept.why) for kept in shown]


def left(undoing: Undoing) -> str:
    """That steps stay, because somebody has acted on them; empty when none does."""
    if not undoing.kept:
        return ""
    message = _("%(count)s steps stay, because somebody has acted on them since: the artifact names them.")
    return message % {"count": len(undoing.kept)}
