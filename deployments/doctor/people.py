"""People the ladder needs: who answers for a project, who hears of what nobody answers for."""

from collections.abc import Iterator

from sqlalchemy import select

from deployments.doctor.findings import Finding, fine, notice, some, wrong
from deployments.doctor.ledger import reading
from models.i18n import gettext as _
from models.ledger.organisation import Person, Unit
from models.ledger.project import Project
from models.words import OPEN_STAGES, Role, UnitKind


def leaders() -> Iterator[Finding]:
    """Has every open project somebody to answer for it? Else its unit's leader hears."""
    without = select(Project.code).where(Project.stage.in_(OPEN_STAGES), Project.leader_id.is_(None))
    with reading() as session:
        codes = list(session.scalars(without.order_by(Project.code)))
    if codes:
        what = _("%(count)s open projects have no responsible leader: %(codes)s")
        remedy = _("Start the deployment `change-assignment` for each, or name them in the ledger file.")
        yield notice(what % {"count": len(codes), "codes": some(codes)}, remedy)
    else:
        yield fine(_("Every open project has a responsible leader."))


def inspection() -> Iterator[Finding]:
    """Is there somebody at the top of the ladder?"""
    with reading() as session:
        has_projects = session.scalar(select(Project.id).where(Project.stage.in_(OPEN_STAGES)).limit(1))
        inspector = session.scalar(select(Person.id).where(Person.role == Role.INSPECTOR).limit(1))
    if inspector:
        yield fine(_("The inspection office has somebody who is told."))
    elif has_projects:
        remedy = _("Name one on the sheet of people, with the role “%(role)s”.") % {"role": Role.INSPECTOR.label}
        yield wrong(_("The inspection office has nobody who is told."), remedy)


def last_resort() -> Iterator[Finding]:
    """Does somebody hear of what has no leader of its own?"""
    led = select(Person.id).join(Unit, Unit.id == Person.unit_id).where(Person.role == Role.LEADER)
    with reading() as session:
        leader = session.scalar(led.where(Unit.kind == UnitKind.COMMERCE_BUREAU).limit(1))
    if leader is None:
        what = _("No commerce bureau with a leader is named: where project and unit have none, nobody is told.")
        remedy = _("Give it the type “%(kind)s” on the sheet of units, and name its leader on the sheet of people.")
        yield notice(what, remedy % {"kind": UnitKind.COMMERCE_BUREAU.label})
