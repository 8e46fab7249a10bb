"""The main job: a project from its row in a ledger file to its landing, by answers to forms
alone.
"""

from datetime import timedelta
from pathlib import Path

from openpyxl import Workbook
from sqlalchemy import select

from models.escalation.question import Ask
from models.i18n import written
from models.ledger.project import Project
from models.words import (
    BlockerCategory,
    BlockerOutcome,
    ItemKind,
    ItemResult,
    MilestoneKind,
    Sector,
    Stage,
    Verdict,
    VisitOutcome,
)
from support.office import Office, in_step
from support.office.days import days_ago, today, working_day
from support.office.ledger import BUREAU, COUNTY, LEADER, OFFICER
from support.office.person import WHO
from tasks.database import transaction
from tasks.ledger.questions import LIFECYCLE, RESOLUTION

CODE, NAME = "QF-2026-018", "实木家具产业园"
PROBLEM, SOLUTION = "用地指标缺口60亩", "从市级预留指标中调剂"
LAND_BUREAU = "市国土资源局 经办人"


def tags_of(office: Office, deployment: str) -> list[str]:
    """Prefect gives them to each run of the deployment."""
    tags: list[str] = office.http.get(f"/deployments/name/{deployment}/{deployment}").raise_for_status().json()["tags"]
    return tags


def test_a_project_signed_in_a_file_is_visited_unblocked_and_landed(office: Office, tmp_path: Path) -> None:
    project_id = sign_in_a_file(office, tmp_path)
    first = office.visit_asked(project_id)
    blocker_id, second = visit_and_find_a_blocker(office, project_id, first)
    third = resolve_the_blocker(office, project_id, blocker_id, second)
    fourth = fail_to_land_without_evidence(office, project_id, third)
    land_with_evidence(office, project_id, fourth)


def sign_in_a_file(office: Office, folder: Path) -> int:
    """Import a workbook with one row; the run it opens waits with the visit form."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "招商引资台账"
    row = {
        "项目编号": CODE,
        "项目名称": NAME,
        "投资方": "闽兴家居有限公司",
        "产业大类": Sector.FURNITURE.label,
        "责任单位": COUNTY,
        "总投资（亿元）": 10,
        "签约日期": days_ago(90).strftime("%Y.%m.%d"),
        "项目分包人员": OFFICER,
        "分包领导": LEADER,
    }
    for line in (list(row), list(row.values())):
        sheet.append(line)
    path = folder / "清丰县台账.xlsx"
    book.save(path)

    imported = office.done("ledger-import", path=str(path))

    assert imported["state_type"] == "COMPLETED", imported["state"]["message"]
    with transaction() as session:
        project = session.scalars(select(Project).where(Project.code == CODE)).one()
    assert (project.stage, project.amount, project.signed_on) == (Stage.SIGNED, 1_000_000_000, days_ago(90))
    (visit,) = office.items(project.id, ItemKind.VISIT)
    assert (visit.closed_on, visit.due_on, visit.owner and visit.owner.name) == (None, working_day(10), OFFICER)
    (signed,) = office.changes("project", project.id, None)
    assert (signed.actor, signed.source) == ("ledger-import", f"{path.name} · {sheet.title} · 第2行")
    run = office.run(in_step(office, LIFECYCLE, project.id).flow_run_id)
    assert (run["name"], run["state_name"]) == (f"{CODE} {NAME}", "Suspended")
    assert set(run["tags"]) == {COUNTY, Sector.FURNITURE.label, Stage.SIGNED.label, *tags_of(office, LIFECYCLE)}
    assert run["idempotency_key"] == f"{LIFECYCLE}:{project.id}:1"
    return project.id


def visit_and_find_a_blocker(office: Office, project_id: int, form: Ask) -> tuple[int, Ask]:
    """Answer the first visit with a new blocker; it gets a run of its own."""
    assert all(word in form.brief for word in (CODE, OFFICER, written(working_day(10)))), form.brief
    blocker = {
        "category": BlockerCategory.LAND.label,
        "recipient_unit": BUREAU,
        "description": PROBLEM,
        "proposed_solution": SOLUTION,
        "due_on": str(today() + timedelta(days=14)),
    }
    topics = {"supplies": "用地指标未落实", "difficulties": "园区道路未通"}

    assert office.visit(form, progress="场地平整完成", blockers=[blocker], topics=topics).is_accepted

    second = office.visit_asked(project_id, form)
    done, owed = office.items(project_id, ItemKind.VISIT)
    assert (done.closed_on, done.result, owed.closed_on) == (today(), ItemResult.DONE, None)
    assert owed.due_on == working_day(20)
    (visit,) = office.visits(project_id)
    assert (visit.visited_on, visit.outcome, visit.filled_in_by) == (today(), VisitOutcome.CONTINUE, WHO)
    assert (visit.progress, visit.topics) == ("场地平整完成", topics)
    (item,) = office.items(project_id, ItemKind.BLOCKER)
    assert item.blocker is not None
    assert (item.blocker.category, item.blocker.description) == (BlockerCategory.LAND, PROBLEM)
    assert (item.closed_on, item.due_on) == (None, today() + timedelta(days=14))
    assert office.project(project_id).stage is Stage.FOLLOW_UP
    for change in (
        *office.changes("project", project_id, "stage"),
        *office.changes("action_item", done.id, "closed_on"),
        *office.changes("visit", done.id, None),
        *office.changes("blocker", item.id, None),
    ):
        assert (change.actor, change.source) == (WHO, f"{LIFECYCLE} {form.form_no}")

    assert second.flow_run_id == form.flow_run_id
    assert PROBLEM in second.brief
    assert set(office.run(second.flow_run_id)["tags"]) == {COUNTY, Sector.FURNITURE.label, Stage.FOLLOW_UP.label}
    run = office.run(in_step(office, RESOLUTION, item.id).flow_run_id)
    assert run["name"].startswith(f"{CODE} {NAME} · {BlockerCategory.LAND.label}")
    assert set(run["tags"]) == {COUNTY, Sector.FURNITURE.label, Stage.FOLLOW_UP.label, *tags_of(office, RESOLUTION)}
    return item.id, second


def resolve_the_blocker(office: Office, project_id: int, blocker_id: int, visit_form: Ask) -> Ask:
    """Answer the blocker's form; the next visit is pulled forward and asked for anew."""
    form = office.blocker_asked(blocker_id)
    assert all(word in form.brief for word in (PROBLEM, SOLUTION)), form.brief

    entries = {"outcome": BlockerOutcome.RESOLVED.label, "result": "已调剂60亩指标"}
    assert office.answer(form, filled_in_by=LAND_BUREAU, **entries).is_accepted

    third = office.visit_asked(project_id, visit_form)
    (item,) = office.items(project_id, ItemKind.BLOCKER)
    assert item.blocker is not None
    assert (item.closed_on, item.result, item.blocker.resolution) == (today(), ItemResult.RESOLVED, "已调剂60亩指标")
    _done, owed = office.items(project_id, ItemKind.VISIT)
    assert (owed.closed_on, owed.due_on) == (None, working_day(3))
    (moved,) = office.changes("action_item", owed.id, "due_on")
    assert (moved.actor, moved.source) == (LAND_BUREAU, f"{RESOLUTION} {form.form_no}")
    assert (moved.old, moved.new) == (str(working_day(20)), str(working_day(3)))
    assert office.finished(form.flow_run_id)["state_type"] == "COMPLETED"
    assert office.verdicts(RESOLUTION, blocker_id) == [Verdict.APPLIED]
    assert office.verdicts(LIFECYCLE, project_id) == [Verdict.APPLIED, Verdict.SUPERSEDED, None]
    assert "已调剂60亩指标" in third.brief
    assert written(working_day(3)) in third.brief
    return third


def fail_to_land_without_evidence(office: Office, project_id: int, form: Ask) -> Ask:
    """Say “landed” with one milestone of two; nothing of it enters the ledger, and the next form
    says why.
    """
    registered = milestone(MilestoneKind.REGISTERED, days_ago(40), "营业执照 9141 0922")

    assert office.visit(form, outcome=VisitOutcome.LANDED.label, milestones=[registered]).is_accepted

    fourth = office.visit_asked(project_id, form)
    refused = office.ask(form)
    assert (refused.verdict, refused.filled_in_by) == (Verdict.REFUSED, WHO)
    assert MilestoneKind.CONSTRUCTION_STARTED.label in refused.reason
    assert MilestoneKind.REGISTERED.label not in refused.reason
    head, rule, _brief = fourth.brief.partition("---")
    assert rule
    assert all(word in head for word in (refused.reason, WHO, form.form_no)), head
    project = office.project(project_id)
    assert (project.stage, project.ended_on, project.milestones) == (Stage.FOLLOW_UP, None, [])
    assert len(office.visits(project_id)) == 1
    return fourth


def land_with_evidence(office: Office, project_id: int, form: Ask) -> None:
    """Say it again with everything that proves it; then nothing is owed and no run is left."""
    milestones = [
        milestone(MilestoneKind.REGISTERED, days_ago(40), "营业执照 9141 0922"),
        milestone(MilestoneKind.CONSTRUCTION_STARTED, days_ago(9), "施工许可证 410922-2026-07"),
    ]

    assert office.visit(form, outcome=VisitOutcome.LANDED.label, milestones=milestones).is_accepted

    ended = office.finished(form.flow_run_id)
    assert ended["state_type"] == "COMPLETED"
    project = office.project(project_id)
    assert (project.stage, project.ended_on) == (Stage.LANDED, days_ago(9))
    proofs = {each.kind: (each.done_on, each.evidence) for each in project.milestones}
    assert proofs == {
        MilestoneKind.REGISTERED: (days_ago(40), "营业执照 9141 0922"),
        MilestoneKind.CONSTRUCTION_STARTED: (days_ago(9), "施工许可证 410922-2026-07"),
    }
    landed = office.changes("project", project_id, "stage")[-1]
    assert (landed.old, landed.new) == (Stage.FOLLOW_UP, Stage.LANDED)
    assert (landed.actor, landed.source) == (WHO, f"{LIFECYCLE} {form.form_no}")
    for kind in ItemKind:
        assert [item.id for item in office.items(project_id, kind) if item.closed_on is None] == []
    assert [visit.outcome for visit in office.visits(project_id)] == [VisitOutcome.CONTINUE, VisitOutcome.LANDED]
    assert office.verdicts(LIFECYCLE, project_id) == [
        Verdict.APPLIED,
        Verdict.SUPERSEDED,
        Verdict.REFUSED,
        Verdict.APPLIED,
    ]
    assert set(ended["tags"]) == {COUNTY, Sector.FURNITURE.label, Stage.LANDED.label}
    assert office.live_runs(LIFECYCLE, project_id) == []
    assert [run["id"] for run in office.runs_of(LIFECYCLE, project_id)] == [ended["id"]]


def milestone(kind: MilestoneKind, done_on: object, evidence: str) -> dict[str, str]:
    """A milestone as the form holds it."""
    return {"kind": kind.label, "done_on": str(done_on), "evidence": evidence}
