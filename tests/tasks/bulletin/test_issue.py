"""Bulletins are issued once a week, stay as they were issued, and reach everybody once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import docx
import pytest
from sqlalchemy import select, text, update

from models.bulletin.bulletin import Bulletin
from models.bulletin.figures import Concern
from models.campaigns.campaign import Campaign
from models.campaigns.rates import Rate
from models.escalation.action_item import ActionItem, Blocker
from models.escalation.escalation import Escalation
from models.escalation.notice import Delivery
from models.ledger.facts import FoundBlocker
from models.ledger.organisation import Person, Unit
from models.ledger.project import Investor, Milestone, Progress
from models.refusal import Refused
from models.words import RAISED, BlockerCategory, ItemKind, MilestoneKind, Role, UnitKind
from support.ledgers.campaign_week import CAMPAIGN, MONDAY, WEEK, bulletin
from tasks.bulletin import issue as bulletins
from tasks.bulletin.charts import charts
from tasks.bulletin.delivery import send
from tasks.bulletin.document import write_document
from tasks.bulletin.issue import NoBulletin, corrected, issue, numbered, preview, recent, week_of
from tasks.bulletin.page import page, trial_page
from tasks.bulletin.units import ranks
from tasks.bulletin.words import matter, project
from tasks.database import transaction
from tasks.escalation.sweep import sweep
from tasks.items.blockers import ask_coordination, open_blocker
from tasks.items.next_steps import set_next_steps
from tasks.ledger.locks import lock_project
from tasks.notices.delivery import _waiting

ONE_WEEK = timedelta(7)


def change(statement: str) -> None:
    with transaction("测试") as session:
        session.execute(text(statement))


def kept() -> list[Bulletin]:
    with transaction() as session:
        return list(session.scalars(select(Bulletin).order_by(Bulletin.id)))


def deliveries() -> list[Delivery]:
    with transaction() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.recipient_id)))


# -- a trial


@pytest.mark.usefixtures("busy")
def test_a_trial_shows_the_bulletin_that_would_be_issued_and_issues_none():
    figures = preview(WEEK, MONDAY)
    assert (kept(), deliveries()) == ([], [])
    assert "未编号" in trial_page(figures)
    assert bulletin().figures == figures


@pytest.mark.usefixtures("busy")
def test_a_trial_of_a_week_that_is_issued_shows_what_was_issued():
    issued = bulletin()
    change("UPDATE visit SET visited_on = '2013-06-20'")
    assert preview(WEEK, date(2026, 1, 5)) == issued.figures


# -- the week


@pytest.mark.parametrize(
    ("week", "as_of", "monday"),
    [
        ("", "2013-06-24", "2013-06-17"),
        ("", "2013-06-30", "2013-06-17"),
        ("2013-06-23", "2013-06-24", "2013-06-17"),
        ("2013年6月23日", "2013-06-24", "2013-06-17"),
        ("2013-06-17", "2026-01-01", "2013-06-17"),
        ("2012-12-31", "2013-06-24", "2012-12-31"),
    ],
)
def test_a_week_is_named_by_any_of_its_days(week, as_of, monday):
    assert week_of(week, date.fromisoformat(as_of)) == date.fromisoformat(monday)


@pytest.mark.parametrize(
    ("week", "why"),
    [("2013-06-24", "尚未结束"), ("2014-01-01", "尚未结束"), ("下周", "不是日期"), ("2013-W25-9", "不是日期")],
)
def test_a_week_that_is_not_over_or_no_week_at_all_is_refused(week, why):
    with pytest.raises(Refused, match=why):
        week_of(week, date(2013, 6, 30))


# -- issued once


@pytest.mark.usefixtures("busy")
def test_an_issued_bulletin_stays_as_it_was_whatever_the_ledger_says_later():
    first = bulletin()
    change("UPDATE project SET amount = amount * 2, unit_id = 1, name = '改名'")
    change("UPDATE visit SET visited_on = '2013-06-20'")
    again = issue(WEEK, date(2026, 1, 5))
    assert first.is_new
    assert again == first._replace(is_new=False)
    assert numbered(2013, 1) == again
    assert recent(10) == [again]


@pytest.mark.usefixtures("busy")
def test_a_plan_changed_between_two_bulletins_leaves_the_first_as_it_was():
    first = bulletin()
    change("UPDATE campaign SET ends_on = '2013-06-25' WHERE ends_on IS NOT NULL")
    change("UPDATE target SET goal = 3 WHERE measure = 'signed'")
    change("DELETE FROM target WHERE measure <> 'signed'")
    second, third = (issue(WEEK + number * ONE_WEEK, MONDAY + number * ONE_WEEK).figures for number in (1, 2))
    assert numbered(2013, 1).figures == first.figures
    assert [int(goal.goal) for goal in first.figures.targets] == [80, 2]
    assert [int(goal.goal) for goal in second.targets] == [3]
    assert (second.drive.name, second.drive.clock.days_left) == (CAMPAIGN, 0)  # it ended in that week
    assert (third.drive.name, third.drive.clock) == ("常态", None)


@pytest.mark.usefixtures("busy")
def test_what_was_corrected_since_is_told_and_nothing_else():
    issued = bulletin()
    assert corrected(issued) == []
    visits = issued.figures.week.visits
    change("UPDATE visit SET visited_on = '2013-06-20' WHERE visited_on < '2013-06-01'")
    change("UPDATE unit SET name = name || '（新）'")
    change(
        "INSERT INTO capital_event (project_id, kind, happened_on, amount) "
        "VALUES (1, 'increase', '2013-06-18', 250000000)"
    )
    told = {label: (former, now) for label, former, now in corrected(issued)}
    assert set(told) == {"回访次数", "增资次数", "增资额（人民币）"}
    assert told["回访次数"][0] == str(visits)
    assert int(told["回访次数"][1]) > visits


@pytest.mark.usefixtures("busy")
def test_another_landing_definition_later_corrects_nothing():
    issued = bulletin()
    with transaction("测试") as session:
        drive = session.scalars(select(Campaign).where(Campaign.name == CAMPAIGN)).one()
        drive.landing_definition = ["registered"]
    assert corrected(issued) == []


@pytest.mark.usefixtures("busy")
def test_bulletins_are_numbered_within_the_year_they_are_issued_in():
    for number in range(3):
        issue(WEEK + number * ONE_WEEK, MONDAY + number * ONE_WEEK)
    issue(date(2013, 12, 30), date(2014, 1, 6))
    assert [(each.year, each.number) for each in kept()] == [(2013, 1), (2013, 2), (2013, 3), (2014, 1)]
    assert [(each.year, each.number) for each in recent(2)] == [(2014, 1), (2013, 3)]


@pytest.mark.usefixtures("busy")
def test_a_bulletin_that_could_not_be_entered_leaves_no_gap(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(bulletins, "frozen", lambda _figures: {"broken": object()})
        with pytest.raises(Exception, match="JSON serializable"):
            bulletin()
    assert (bulletin().number, len(kept())) == (1, 1)


@pytest.mark.usefixtures("busy")
def test_two_workers_at_once_issue_one_bulletin_and_send_it_once():
    with ThreadPoolExecutor(4) as pool:
        issued = [each.result() for each in [pool.submit(bulletin) for _each in range(4)]]
        sent = [each.result() for each in [pool.submit(send, each) for each in issued]]
    assert len({(each.id, each.number) for each in issued}) == len(kept()) == 1
    assert sum(each.is_new for each in issued) == 1
    people = [each.recipient_id for each in deliveries()]
    assert len(people) == len(set(people)) == sum(sent)


@pytest.mark.usefixtures("ledger")
def test_a_number_that_was_never_issued_is_none():
    with pytest.raises(NoBulletin, match="没有2013年第7期周通报"):
        numbered(2013, 7)


@pytest.mark.usefixtures("ledger")
def test_an_empty_ledger_has_a_bulletin_too():
    issued = bulletin()
    assert (issued.figures.week.signed, issued.figures.cohort, issued.figures.units) == (0, Rate(0, 0), ())
    assert send(issued) == 0


# -- what is owed


@pytest.mark.usefixtures("busy")
def test_matters_of_investors_and_units_are_named_and_a_verification_by_what_it_verifies():
    due = MONDAY + timedelta(2)
    with transaction("测试") as session:
        county = session.scalars(select(Unit).where(Unit.kind == UnitKind.COUNTY)).first()
        investor = Investor(name="闽兴家居集团")
        session.add(investor)
        session.flush()
        problem = session.scalars(select(Blocker.item_id).where(Blocker.description != "").limit(1)).one()
        change = {"unit_id": county.id, "opened_on": WEEK, "due_on": due}
        session.add_all(
            [
                ActionItem(kind=ItemKind.VISIT, investor_id=investor.id, **change),
                ActionItem(kind=ItemKind.REPORT, **change),
                ActionItem(kind=ItemKind.VERIFY, verifies_id=problem, **change),
            ]
        )
        session.flush()
        set_next_steps(session)
        category = session.get_one(Blocker, problem).category
    issued = bulletin()
    told = {(project(each), matter(each)) for each in issued.figures.work.shown}
    description = next(each.text for each in issued.figures.work.shown if each.kind is ItemKind.VERIFY)
    assert ("闽兴家居集团", "回访") in told
    assert (county.name, "情况报送") in told
    assert f"核查：{category.label}：{description}" in {what for _project, what in told}


# -- ranked


@pytest.mark.usefixtures("project")
def test_what_has_landed_by_the_bulletins_own_count_is_not_overdue_on_its_agenda(project):
    """A file brings the milestones; the project's visit stays owed until somebody reports it."""
    week, monday = date(2013, 6, 24), date(2013, 7, 1)
    assert [each.concern for each in issue(week, monday).figures.agenda.shown] == [Concern.OVERDUE]
    with transaction("测试") as session:
        for kind in (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED):
            session.add(Milestone(project_id=project, kind=kind, done_on=date(2013, 6, 28), evidence="照片"))
        found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", date(2013, 6, 25))
        asked = open_blocker(session, lock_project(session, project), found, date(2013, 6, 20))
        ask_coordination(session, asked, "请市里协调", "国土局", date(2013, 7, 2))
    later = issue(week + ONE_WEEK, monday + ONE_WEEK).figures
    assert (later.year.landed, [unit.open for unit in later.units]) == (1, [0])
    assert [each.concern for each in later.agenda.shown] == [Concern.COORDINATION]


@pytest.mark.usefixtures("project")
def test_a_bulletin_before_anything_was_reported_says_so_and_gives_no_lights(project, tmp_path, monkeypatch):
    monkeypatch.setenv("LUODI_HOME", str(tmp_path))
    first = issue(WEEK, MONDAY)
    sentence = "截至2013年6月23日，各单位尚未填报项目进展"
    shown = page(first)
    assert sentence in shown
    assert "| 1 | 清丰县 | 0.0%（0/1） | 1 | — | — | — |" in shown
    assert not [chart for chart in charts(first.figures) if chart.key == "lights"]
    assert write_document(first, tmp_path / "b.docx") == ""
    assert sentence in "\n".join(paragraph.text for paragraph in docx.Document(str(tmp_path / "b.docx")).paragraphs)
    with transaction("测试") as session:
        session.add(Progress(project_id=project, happened_on=date(2013, 6, 26), text="已进场"))
    second = issue(WEEK + ONE_WEEK, MONDAY + ONE_WEEK)
    assert sentence[12:] not in page(second)
    assert "| 1 | 清丰县 | 0.0%（0/1） | 1 | 0 | 1 | 0 |" in page(second)


@pytest.mark.usefixtures("project")
def test_what_only_the_ladder_raised_is_no_report(project):
    """A ledger nobody has reported on climbs to the leaders: there are no lights to give yet."""
    sweep(date(2013, 6, 20))
    first = issue(WEEK, MONDAY).figures
    with transaction() as session:
        assert session.scalars(select(Escalation.step).where(Escalation.step.in_(RAISED))).first()
    assert first.is_unreported


@pytest.mark.usefixtures("project")
def test_the_bulletin_says_where_weekdays_were_counted_as_working_days(project):
    with transaction("测试") as session:
        lock_project(session, project).signed_on = date(1999, 6, 9)
        session.execute(update(Campaign).values(signed_from=None, signed_until=None))
        set_next_steps(session)
    assert "按周一至周五计算" in page(issue(WEEK, MONDAY))


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([(1, 2), (2, 4), (1, 3)], [2, 1, 3]),  # equal rates: who has landed more
        ([(1, 3), (1, 3), (1, 4), (0, 0)], [1, 1, 3, None]),  # equal in both: one rank, and the next is left out
        ([(333_333_333, 10**9), (1, 3)], [2, 1]),  # by the exact fraction, not as printed
        ([], []),
    ],
)
def test_counties_are_ranked_by_rate_then_by_landed_projects(rates, expected):
    found = ranks({number: Rate(*rate) for number, rate in enumerate(rates)})
    assert [found.get(number) for number in range(len(rates))] == expected


# -- sent


def staff() -> dict[str, int]:
    """One person of each kind, and who they are."""
    found = {}
    with transaction("测试") as session:
        bureau = session.scalars(select(Unit).where(Unit.kind == UnitKind.COMMERCE_BUREAU)).one()
        county = session.scalars(select(Unit).where(Unit.kind == UnitKind.COUNTY)).first()
        for name, role, unit in (
            ("督查专员", Role.INSPECTOR, county),
            ("商务局操作员", Role.OPERATOR, bureau),
            ("县操作员", Role.OPERATOR, county),
            ("县专员", Role.OFFICER, county),
        ):
            person = Person(name=name, role=role, unit=unit, channels=["group-robot"] if role is Role.INSPECTOR else [])
            session.add(person)
            session.flush()
            found[name] = person.id
    return found


@pytest.mark.usefixtures("busy")
def test_leaders_inspectors_and_the_bureaus_operators_get_it_once_by_their_channel(monkeypatch):
    monkeypatch.setenv("LUODI_DESK_URL", "http://desk.office")
    people, issued = staff(), bulletin()
    count = send(issued)
    assert send(issued) == send(issue(WEEK, MONDAY)) == 0
    sent = {each.recipient_id: each for each in deliveries()}
    with transaction() as session:
        leaders = set(session.scalars(select(Person.id).where(Person.role == Role.LEADER)))
    assert set(sent) == leaders | {people["督查专员"], people["商务局操作员"]}
    assert count == len(sent)
    assert sent[people["督查专员"]].channel == "group-robot"
    body = sent[people["商务局操作员"]].body
    assert body["title"] == "招商引资项目周通报2013年第1期"
    assert "落地率图示" in body["markdown"]
    assert "data:image" not in body["markdown"]  # a robot shows no images
    assert [file["address"] for file in body["files"]] == [
        "http://desk.office/bulletins/2013-1.docx",
        "http://desk.office/bulletins/2013-1.xlsx",
    ]


@pytest.mark.usefixtures("busy")
def test_a_bulletin_that_waits_is_not_dropped_as_settled():
    send(bulletin())
    assert [number for number, _channel in _waiting()] == [
        each.id for each in sorted(deliveries(), key=lambda each: each.id)
    ]
    assert all(each.dropped_at is None for each in deliveries())


@pytest.mark.usefixtures("busy")
def test_who_is_entered_later_gets_it_when_it_is_sent_again():
    issued = bulletin()
    send(issued)
    staff()
    assert send(issued) == 2
