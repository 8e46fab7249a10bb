from collections.abc import Iterator
from decimal import Decimal

from models.i18n import gettext as _
from models.i18n import written
from models.ledger.organisation import Person
from models.ledger.project import in_words
from models.words import CapitalKind, Currency, MilestoneKind
from tasks.documents.sections import Card, Fact, Row, Section, grid, known
from tasks.documents.text import entered, span, text_of, yes_or_no
from tasks.dossiers.facts import DossierData
from tasks.ledger.lookups import person_choice


def head(data: DossierData) -> Card:
    project = data.project
    facts = known(
        (_("Project code"), project.code),
        (_("Responsible unit"), project.unit.name),
        (_("Stage"), project.stage.label),
        (_("As of"), data.as_of),
    )
    return Card(facts)


def base_facts(data: DossierData) -> Section:
    project = data.project
    investor = project.investor
    facts: list[tuple[str, str]] = [
        (_("Investor"), investor.name if investor else ""),
        (_("Investor registered in"), investor.registered_in if investor else ""),
        (_("Sector"), project.sector.label),
        (_("Total investment"), in_words(project.amount, project.currency)),
        (_("Signed on"), written(project.signed_on)),
        (_("Small or medium enterprise"), yes_or_no(project.is_sme)),
        (_("Supporting units"), "\n".join(unit.name for unit in project.co_units)),
        (_("Promotion activity"), project.origin_activity),
        (_("Assigned officer"), person_choice(project.officer)),
        (_("Responsible leader"), person_choice(project.leader)),
        (_("Acts for the leader"), _delegate(project.leader)),
        (_("Squad"), project.squad.name if project.squad else ""),
    ]
    end = known(
        (_("Landed or exited on"), project.ended_on),
        (_("Kind of exit"), project.exit and project.exit.label),
        (_("Reason for the exit"), project.exit_reason),
    )
    return Section(_("Base facts"), "", [Card([*(Fact(name, text_of(value)) for name, value in facts), *end])])


def _delegate(leader: Person | None) -> str:
    if leader is None or leader.delegate is None:
        return ""
    days = span(leader.delegate_from, leader.delegate_until)
    return f"{person_choice(leader.delegate)}\n{days}"


def other_columns(data: DossierData) -> Section:
    rows = [(name, entered(value)) for name, value in data.project.extra.items() if value is not None]
    return Section(
        _("Other columns of the office's ledger"),
        _("The office's ledger has no other columns for this project."),
        grid((_("Column"), _("Value")), (50, 120), rows),
    )


def milestones(data: DossierData) -> Section:
    order = list(MilestoneKind)
    rows = [
        (milestone.kind, milestone.planned_on, milestone.done_on, milestone.evidence)
        for milestone in sorted(data.project.milestones, key=lambda milestone: order.index(milestone.kind))
    ]
    return Section(
        _("Milestones"),
        _("No milestone is planned or reached yet."),
        grid((_("Milestone"), _("Planned for"), _("Reached on"), _("Evidence")), (40, 24, 24, 82), rows),
    )


def capital(data: DossierData) -> Section:
    rows = [
        (event.happened_on, event.kind, in_words(event.amount, event.currency), event.evidence)
        for event in data.capital
    ]
    heads = (_("Happened on"), _("Kind"), _("Sum"), _("Evidence"))
    return Section(
        _("Capital paid in and increased"),
        _("No capital is recorded as paid in or increased yet."),
        grid(heads, (24, 28, 42, 76), [*rows, *_totals(data)]),
    )


def _totals(data: DossierData) -> Iterator[Row]:
    """One line per kind and currency: sums of two currencies do not add up."""
    sums: dict[tuple[CapitalKind, Currency], Decimal] = {}
    for event in data.capital:
        sums[event.kind, event.currency] = sums.get((event.kind, event.currency), Decimal(0)) + event.amount
    for (kind, currency), total in sums.items():
        yield _("Total"), kind, in_words(total, currency), None


def progress(data: DossierData) -> Section:
    rows = [(entry.happened_on, entry.text, entry.reported_by) for entry in data.progress]
    heads = (_("Happened on"), _("Progress"), _("Reported by"))
    return Section(_("Progress entries"), _("No progress is recorded yet."), grid(heads, (24, 110, 36), rows))
