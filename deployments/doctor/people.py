"""People the ladder needs: who answers for a project, who hears of what nobody answers for."""

from collections.abc import Iterator

from sqlalchemy import select

from deployments.doctor.findings import Finding, fine, notice, some, wrong
from deployments.doctor.ledger import reading
from models.i18n import gettext as _
from models.ledger.organisation import Person, Unit
from models.ledger.project import Project
from models.words import OPEN_STAGES, Role, UnitKind
from tasks.escalation.unheard import unheard_items
from tasks.items.wording import named


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


def inspection_leader() -> Iterator[Finding]:
    """Does somebody hear of a verification that the inspectors do not make?"""
    inspectors = select(Person.unit_id).where(Person.role == Role.INSPECTOR)
    leaders = select(Person.id).where(Person.role == Role.LEADER)
    with reading() as session:
        offices = list(session.scalars(select(Unit.name).where(Unit.id.in_(inspectors)).order_by(Unit.id)))
        leader = session.scalar(leaders.where(Person.unit_id.in_(inspectors)).limit(1))
        others = leaders.join(Unit, Unit.id == Person.unit_id).where(Unit.kind == UnitKind.COMMERCE_BUREAU)
        other = session.scalar(others.limit(1))
    if offices and leader is None:
        what = _("The inspection office has no leader (%(units)s): an overdue verification goes to %(whom)s.")
        whom = _("the commerce bureau's leader") if other else _("the inspectors once more")
        remedy = _("Name one on the sheet of people: in that unit, with the role “%(role)s”.")
        yield notice(what % {"units": some(offices), "whom": whom}, remedy % {"role": Role.LEADER.label})


def unheard() -> Iterator[Finding]:
    """Is something due of which nobody can be told?"""
    with reading() as session:
        names = [named(item) for item in unheard_items(session)]
    if names:
        what = _("%(count)s matters reach nobody: %(names)s.")
        remedy = _("Name responsible leaders and an inspector in the ledger; the next sweep tells them.")
        yield wrong(what % {"count": len(names), "names": some(names)}, remedy)


def last_resort() -> Iterator[Finding]:
    """Does somebody hear of what has no leader of its own?"""
    led = select(Person.id).join(Unit, Unit.id == Person.unit_id).where(Person.role == Role.LEADER)
    with reading() as session:
        leader = session.scalar(led.where(Unit.kind == UnitKind.COMMERCE_BUREAU).limit(1))
    if leader is None:
        what = _("No commerce bureau with a leader is named: where project and unit have none, nobody is told.")
        remedy = _("Give it the type “%(kind)s” on the sheet of units, and name its leader on the sheet of people.")
        yield notice(what, remedy % {"kind": UnitKind.COMMERCE_BUREAU.label})
