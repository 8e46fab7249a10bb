"""What a sweep's report tells the operator: what fired, what the inspection office still has, who
has no leader.
"""

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select, update

from models.escalation.action_item import ActionItem
from models.ledger.facts import FoundBlocker
from models.ledger.organisation import Person, Unit
from models.ledger.project import Project
from models.words import BlockerCategory, Role, UnitKind
from tasks.database import transaction
from tasks.escalation import report as sweep_report
from tasks.escalation.answers import Answer, instruct, verify
from tasks.escalation.report import reached_nobody, report
from tasks.escalation.sweep import sweep
from tasks.items.blockers import open_blocker, resolve_blocker
from tasks.ledger.locks import lock_project

OPENED, DUE = date(2013, 6, 3), date(2013, 6, 17)  # the project's visit is due that day, too
LEADER_HEARD, OFFICE_HEARD, NEXT = date(2013, 6, 19), date(2013, 6, 24), date(2013, 6, 25)
INSPECTOR = "市政府督查室 · 督查室科长"


def block(project: int, problem: str, due_on: date = DUE) -> int:
    with transaction("测试") as session:
        found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", problem, "", due_on)
        item = open_blocker(session, lock_project(session, project), found, OPENED)
        session.flush()
        return item.id


def said(text: str) -> Answer:
    return Answer("督查室科长", text, datetime.combine(OFFICE_HEARD, time(2), UTC), OFFICE_HEARD)


def page(as_of: date) -> str:
    with transaction() as session:
        return report(session, as_of)


def section(told: str, title: str) -> list[list[str]]:
    """The rows of the table under a heading, cell by cell."""
    body = told.split(f"## {title}")[1].split("\n## ")[0]
    rows = [line for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def fired(told: str) -> list[list[str]]:
    return section(told, "本次触发")


def at_office(told: str) -> list[list[str]]:
    return section(told, "督查室在办")


def test_what_fired_is_counted_by_step_and_named_with_whom_it_reached_the_highest_first(city: int) -> None:
    block(city, "用地指标未落实", date(2013, 6, 20))
    sweep(OFFICE_HEARD)
    told = page(OFFICE_HEARD)
    assert "| 提请分包领导督促 | 1 |" in told
    assert "| 提请督查室督办 | 1 |" in told
    assert fired(told) == [
        [
            "提请督查室督办",
            "PY-2013-001 龙都家具产业园 · 回访",
            "清丰县",
            "2013年6月17日（逾期5个工作日）",
            INSPECTOR,
        ],
        [
            "提请分包领导督促",
            "PY-2013-001 龙都家具产业园 · 土地：用地指标未落实",
            "市国土资源局",
            "2013年6月20日（逾期2个工作日）",
            "清丰县 · 清丰县分包领导",
        ],
    ]


def test_what_lies_at_the_office_is_shown_since_when_and_with_its_last_reply(city: int) -> None:
    item = block(city, "用地指标未落实")
    sweep(OFFICE_HEARD)
    with transaction("测试") as session:
        lock_project(session, city)
        instruct(session, session.get_one(ActionItem, item), said("一周内落实"), date(2013, 7, 1))
    shown = {row[0]: row[1:] for row in at_office(page(NEXT))}
    assert shown == {
        "督办〔2013〕1号": [
            "PY-2013-001 龙都家具产业园 · 回访",
            "清丰县",
            "2013年6月24日",
            "2013年6月17日（逾期6个工作日）",
            "未反馈",
        ],
        "督办〔2013〕2号": [
            "PY-2013-001 龙都家具产业园 · 土地：用地指标未落实",
            "市国土资源局",
            "2013年6月24日",
            "2013年7月1日",
            "2013年6月24日 督查室科长：一周内落实",
        ],
    }


def test_what_is_reported_done_stays_at_the_office_until_it_is_verified(city: int) -> None:
    item = block(city, "用地指标未落实")
    sweep(OFFICE_HEARD)
    with transaction("测试") as session:
        lock_project(session, city)
        resolve_blocker(session, session.get_one(ActionItem, item), "指标已下达", "国土局", NEXT)
    ((_document, what, _unit, _since, due, _reply),) = (row for row in at_office(page(NEXT)) if "用地指标" in row[1])
    assert what.endswith("2013年6月25日已报办结，待核查")
    assert due == "2013年7月2日"  # five working days to verify
    with transaction("测试") as session:
        lock_project(session, city)
        verify(session, session.get_one(ActionItem, item), said(""))
    assert not any("用地指标" in row[1] for row in at_office(page(NEXT)))


def test_notices_of_one_day_are_listed_by_their_numbers(city: int) -> None:
    for number in range(11):
        block(city, f"问题{number}")
    sweep(OFFICE_HEARD)
    assert [row[0] for row in at_office(page(OFFICE_HEARD))] == [f"督办〔2013〕{number}号" for number in range(1, 13)]


def test_projects_without_a_leader_are_counted_and_named_by_unit(city: int) -> None:
    with transaction("测试") as session:
        first = session.get_one(Project, city)
        first.leader = None
        more = [
            Project(
                code=f"PY-2013-{number:03}",
                name="食品产业园",
                sector=first.sector,
                unit=first.unit,
                amount=1,
                signed_on=OPENED,
            )
            for number in (2, 3)
        ]
        session.add_all(more)
    told = page(OPENED)
    assert "没有分包领导的项目（3）" in told
    assert section(told, "没有分包领导的项目") == [["清丰县", "3", "PY-2013-001、PY-2013-002、PY-2013-003"]]


def test_a_day_on_which_nothing_is_due_says_so(city: int) -> None:
    told = page(OPENED)
    assert told.startswith("# 2013年6月3日督办扫描\n\n没有到期事项。")
    assert told.count("无。") == 3


def test_a_long_table_is_cut_and_says_so(city: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_report, "ROWS_SHOWN", 2)
    for number in range(3):
        block(city, f"问题{number}")
    sweep(OFFICE_HEARD)
    told = page(OFFICE_HEARD)
    assert (len(fired(told)), len(at_office(told))) == (2, 2)
    assert told.count("共4项，仅列前2项。") == 2


def test_what_reaches_nobody_is_named_with_whose_it_is_and_since_when(project: int) -> None:
    with transaction("测试") as session:
        session.execute(update(ActionItem).values(leader_id=None, owner_id=None))
        session.execute(update(Person).values(role=Role.OPERATOR))
    assert reached_nobody() == ""
    sweep(date(2013, 6, 19))
    message = reached_nobody()
    assert "PY-2013-001 龙都家具产业园 · 回访（清丰县）" in message
    assert "下次扫描" in message
    with transaction() as session:
        page = report(session, date(2013, 6, 19))
    assert "2013年6月17日" in page
    assert "| 2013年6月19日 |" in page


def test_every_inspector_who_hears_is_named(city: int) -> None:
    with transaction("测试") as session:
        office = session.scalars(select(Unit).where(Unit.kind == UnitKind.INSPECTION_OFFICE)).one()
        session.add(Person(name="督查室副科长", role=Role.INSPECTOR, unit=office))
    sweep(date(2013, 6, 24))
    with transaction() as session:
        page = report(session, date(2013, 6, 24))
    assert "督查室科长" in page
    assert "督查室副科长" in page
