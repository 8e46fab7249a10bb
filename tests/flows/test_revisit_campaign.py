"""A revisit campaign in the running system: its form, its runs, the bar that moves, its report, its
end.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from models.campaigns.revisit import RevisitCampaign, RevisitVisit
from models.escalation.action_item import ActionItem
from models.escalation.question import Ask
from models.i18n import written
from models.ledger.project import Investor, Project
from models.words import ItemKind, ItemResult, RevisitEnd
from support.office import Office, in_step
from support.office.days import next_sweep_day, today, working_day
from support.office.ledger import COUNTY, SQUAD
from support.waiting import wait_for
from tasks.database import transaction
from tasks.ledger.questions import INVESTOR_VISIT, LIFECYCLE
from tasks.ledger.selection import Selection
from tasks.revisits.open import open_campaign
from tasks.revisits.terms import Terms

OPEN, CLOSE = "revisit-campaign", "close-revisit-campaign"
DAYS = count()


@pytest.fixture
def signed_on() -> date:
    """A day on which nobody else's projects were signed."""
    return date(2001, 1, 1) + timedelta(days=next(DAYS))


@pytest.fixture
def two_workers(office: Office) -> Iterator[Office]:
    second = office.start_worker()
    yield office
    office.stop_worker(second)


def sign(office: Office, signed_on: date, number: int, investor: str = "") -> list[int]:
    """Projects signed on that day, of one investor if it is named, each with the run that waits for
    its visit.
    """
    projects = office.sign(number)
    with transaction(source="test") as session:
        of = Investor(name=f"{investor} {signed_on}") if investor else None
        session.add_all([of] if of else [])
        session.flush()
        values = {"signed_on": signed_on, "investor_id": of and of.id}
        session.execute(update(Project).where(Project.id.in_(projects)).values(values))
    office.open_runs()
    return projects


def terms(name: str, signed_on: date, **said: Any) -> dict[str, Any]:
    """What an operator enters."""
    span = {"signed_from": str(signed_on), "signed_until": str(signed_on)}
    return {"name": name, "working_days": 5, "filled_in_by": "市商务局 值班员", **span, **said}


def campaign(name: str) -> RevisitCampaign:
    with transaction() as session:
        return session.scalars(select(RevisitCampaign).where(RevisitCampaign.name == name)).one()


def links(name: str) -> list[RevisitVisit]:
    with transaction() as session:
        held = select(RevisitVisit).join(RevisitCampaign).where(RevisitCampaign.name == name)
        return list(session.scalars(held.order_by(RevisitVisit.item_id)))


def investor_visit(signed_on: date) -> ActionItem:
    """The one visit ever asked of the investor of the projects signed on that day."""
    with transaction() as session:
        theirs = select(Project.investor_id).where(Project.signed_on == signed_on)
        return session.scalars(select(ActionItem).where(ActionItem.investor_id.in_(theirs))).one()


def bar(office: Office, name: str) -> tuple[float, str]:
    """How far the campaign's bar goes, and what stands beside it."""
    found = office.http.get(f"/artifacts/{campaign(name).progress_id}").raise_for_status().json()
    return round(found["data"], 1), found["description"]


def completed(run: dict[str, Any]) -> str:
    """What a run that ended well says."""
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    return str(run["state"]["message"])


def owed(office: Office, project: int) -> ActionItem:
    return office.items(project, ItemKind.VISIT)[-1]


def newest_report(office: Office) -> Path:
    found = (office.folder / "files" / "exports").glob("*报告*.xlsx")
    return max(found, key=lambda path: path.stat().st_mtime_ns)


def answer_investor(office: Office, item_id: int) -> Ask:
    ask = office.asked(INVESTOR_VISIT, item_id)
    reply = office.answer(ask, visited_on=str(today()), progress="计划增资扩建")
    assert reply.is_accepted, reply
    return ask


def test_a_campaign_from_its_form_to_its_report(office: Office, signed_on: date) -> None:
    name = f"项目回访{signed_on}"
    projects = sign(office, signed_on, 3, "福建龙都家具集团")
    before = [office.visit_asked(each) for each in projects]

    said = completed(office.done(OPEN, **terms(name, signed_on, squad=SQUAD, units=[COUNTY])))

    due_on = working_day(5)
    assert "3个项目" in said
    assert written(due_on) in said
    page = office.artifact(OPEN)
    assert f"| {COUNTY} | 3 | 0 | 3 | 0 | 0 |" in page
    assert "| 合计 | 1 | 1 | 0 | 0 |" in page
    forms = [office.visit_asked(each, asked) for each, asked in zip(projects, before, strict=True)]
    for project, form in zip(projects, forms, strict=True):
        assert owed(office, project).due_on == due_on
        assert name in form.brief
        assert SQUAD in form.brief
        in_step(office, LIFECYCLE, project)
    item = investor_visit(signed_on)
    assert name in office.asked(INVESTOR_VISIT, item.id).brief
    assert bar(office, name) == (0.0, f"回访活动“{name}”：已回访0.0%（0/4）")

    for number, (project, form) in enumerate(zip(projects, forms, strict=True), start=1):
        assert office.visit(form, progress=f"第{number}个项目主体施工").is_accepted
        office.visit_asked(project, form)
        wait_for(lambda number=number: bar(office, name)[0] == 25.0 * number, "the bar to move")
    report = completed(office.done(CLOSE, campaign=name))
    assert name in report
    assert campaign(name).closed_on is None
    page = office.artifact("revisit-campaign-report")
    for told in ("100.0%（3/3）", "0.0%（0/1）", "第3个项目主体施工", "福建龙都家具集团", newest_report(office).name):
        assert told in page

    answer_investor(office, item.id)
    wait_for(lambda: bar(office, name)[0] == 100.0, "the bar to reach its end")
    office.sweep(next_sweep_day())
    assert campaign(name).closed_on == next_sweep_day()
    assert not campaign(name).is_cancelled
    assert "100.0%（1/1）" in office.artifact("revisit-campaign-report")
    book = load_workbook(newest_report(office))
    assert [cell.value for cell in book["投资方回访"]["B"]][3:] == [f"福建龙都家具集团 {signed_on}"]


def test_a_dry_run_shows_the_numbers_by_unit_and_changes_nothing(office: Office, signed_on: date) -> None:
    (project,) = sign(office, signed_on, 1)
    due_on = owed(office, project).due_on
    said = completed(office.done(OPEN, **terms("试运行", signed_on, dry_run=True)))
    assert "未作任何改动" in said
    assert f"| {COUNTY} | 1 | 0 | 1 | 0 | 0 |" in office.artifact(f"{OPEN}-dry-run")
    assert owed(office, project).due_on == due_on
    with transaction() as session:
        named = select(func.count()).select_from(RevisitCampaign).where(RevisitCampaign.name == "试运行")
        assert session.scalar(named) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"deadline": "2001-01-01", "working_days": 0}, "2001年1月1日"),
        ({"deadline": "下月底", "working_days": 0}, "下月底"),
        ({"working_days": 0}, "截止日期"),
        ({"signed_from": "1990-01-01", "signed_until": "1990-01-02"}, "没有回访对象"),
    ],
    ids=["over", "no day", "no end", "nobody"],
)
def test_a_form_that_makes_no_sense_ends_the_run_with_its_reason(
    office: Office, signed_on: date, wrong: dict[str, object], said: str
) -> None:
    run = office.done(OPEN, **terms("无效活动", signed_on) | wrong)
    assert run["state_type"] == "FAILED"
    assert said in run["state"]["message"]


def test_a_cancelled_campaign_is_undone_but_for_what_was_answered(office: Office, signed_on: date) -> None:
    name = f"取消{signed_on}"
    done, left = sign(office, signed_on, 2, "台湾食品集团")
    before = owed(office, left).due_on
    completed(office.done(OPEN, **terms(name, signed_on)))
    item = investor_visit(signed_on)
    visitor = office.asked(INVESTOR_VISIT, item.id)
    form = wait_for(lambda: named(office, done, name), "the form that names the campaign")
    assert office.visit(form).is_accepted
    office.visit_asked(done, form)

    without_reason = office.done(CLOSE, campaign=name, outcome=RevisitEnd.CANCEL.label)
    assert (without_reason["state_type"], campaign(name).closed_on) == ("FAILED", None)
    other = named(office, left, name)
    assert other
    completed(office.done(CLOSE, campaign=name, outcome=RevisitEnd.CANCEL.label, reason="并入年度督查"))

    assert campaign(name).is_cancelled
    assert "并入年度督查" in office.artifact("revisit-campaign-report")
    assert owed(office, left).due_on == before
    assert name not in office.visit_asked(left, other).brief
    assert investor_visit(signed_on).result is ItemResult.CANCELLED
    assert office.finished(visitor.flow_run_id)["state_type"] == "COMPLETED"
    assert [each.result for each in office.items(done, ItemKind.VISIT)] == [ItemResult.DONE, None]
    in_step(office, LIFECYCLE, left)


def named(office: Office, project: int, name: str) -> Ask | None:
    """The form that waits, if it names the campaign."""
    form = office.waiting(LIFECYCLE, project)
    return form if form and name in form.brief else None


def test_the_forms_offer_squads_and_the_campaigns_that_are_open(office: Office, signed_on: date) -> None:
    sign(office, signed_on, 1)
    name = f"可选{signed_on}"
    completed(office.done(OPEN, **terms(name, signed_on)))
    assert SQUAD in field(office, OPEN, "squad")["enum"]
    assert field(office, OPEN, "squad")["enum"][0] == field(office, OPEN, "squad")["default"] == "（不指定小分队）"
    assert COUNTY in field(office, OPEN, "units")["items"]["enum"]
    assert name in field(office, CLOSE, "campaign")["enum"]
    completed(office.done(CLOSE, campaign=name, outcome=RevisitEnd.CLOSE.label, reason="提前完成"))
    assert name not in field(office, CLOSE, "campaign").get("enum", [])


def field(office: Office, deployment: str, name: str) -> dict[str, Any]:
    """A parameter as its form describes it."""
    found = office.http.get(f"/deployments/{office.deployment(deployment)}").raise_for_status().json()
    described: dict[str, Any] = found["parameter_openapi_schema"]["properties"][name]
    return described


def test_a_bar_that_was_deleted_begins_anew(office: Office, signed_on: date) -> None:
    (project,) = sign(office, signed_on, 1)
    name = f"进度{signed_on}"
    completed(office.done(OPEN, **terms(name, signed_on)))
    lost = campaign(name).progress_id
    office.http.delete(f"/artifacts/{lost}").raise_for_status()
    form = wait_for(lambda: named(office, project, name), "the form that names the campaign")
    assert office.visit(form).is_accepted
    wait_for(lambda: campaign(name).progress_id != lost, "another bar")
    assert bar(office, name)[0] == 100.0


def test_a_run_killed_after_the_ledger_was_written_is_made_good_by_running_it_again(
    office: Office, signed_on: date
) -> None:
    (project,) = sign(office, signed_on, 1, "台湾食品集团")
    before, name = office.visit_asked(project), f"中断{signed_on}"
    only = Selection(signed_from=signed_on, signed_until=signed_on)
    open_campaign(Terms(name, only, working_days=5), today())  # nobody has told Prefect
    assert campaign(name).progress_id is None

    completed(office.done(OPEN, **terms(name, signed_on)))

    assert name in office.visit_asked(project, before).brief
    assert name in office.asked(INVESTOR_VISIT, investor_visit(signed_on).id).brief
    assert bar(office, name)[0] == 0.0
    assert len(links(name)) == 2


def test_two_workers_open_campaigns_while_people_answer(two_workers: Office, signed_on: date) -> None:
    office = two_workers
    projects = sign(office, signed_on, 12, "福建龙都家具集团")
    forms = [office.visit_asked(each) for each in projects[:4]]
    names = [f"{which}{signed_on}" for which in ("甲", "乙")]
    days = {names[0]: 5, names[1]: 8}

    with ThreadPoolExecutor(8) as people:
        runs = [
            people.submit(office.done, OPEN, **terms(name, signed_on, working_days=days[name]))
            for name in (*names, *names)
        ]
        answers = [people.submit(office.visit, form) for form in forms]
        ended = [each.result() for each in runs]
        accepted = [each.result().is_accepted for each in answers]

    assert {run["state_type"] for run in ended} == {"COMPLETED"}, [run["state"]["message"] for run in ended]
    for project in projects:
        office.visit_asked(project)
        in_step(office, LIFECYCLE, project)
        assert owed(office, project).closed_on is None
        assert sum(item.closed_on is None for item in office.items(project, ItemKind.VISIT)) == 1
    for project in projects[4:]:
        assert owed(office, project).due_on == working_day(5)
    assert sum(len(office.visits(each)) for each in projects[:4]) == sum(accepted)
    assert investor_visit(signed_on).due_on == working_day(5)
    for name in names:
        assert len(links(name)) == 13
