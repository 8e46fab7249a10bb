import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks import bulletin, bulletin_floor, large_ledger, ledger_files, revisits, sweep
from benchmarks.figures import Sample, compared, table
from models.words import Step
from tasks.bulletin.figures import week_figures
from tasks.database import engine, snapshot, transaction
from tasks.ledger.current_campaign import current_campaign
from tasks.ledger.office_time import day_of
from tasks.ledger.selection import Selection
from tasks.revisits.open import open_campaign
from tasks.revisits.terms import Terms


def test_ratios_compare_item_by_item_though_the_numbers_differ() -> None:
    luodi, floor, stock = (
        Sample(100, [9.0, 6.0, 5.0], [1.0], 150.0),
        Sample(50, [2.0], [1.0]),
        Sample(20, [60.0], [9.0]),
    )

    ours, bare, usual = compared("W1 runs opened in bulk", "PostgreSQL 18.1", luodi, floor, stock)

    assert (ours.seconds, ours.floor_seconds, ours.ratio, ours.stock_ratio) == (6.0, 4.0, 1.5, 50.0)
    assert (bare.ratio, bare.stock_ratio) == (1.0, 75.0)
    assert (usual.floor_seconds, usual.ratio, usual.stock_ratio) == (0.8, 75.0, 1.0)


def test_every_row_has_what_acceptance_checks_read() -> None:
    sample = Sample(2, [1.0], [1.0])
    rows = compared("W2 steps", "PostgreSQL 18.1", sample, sample, sample)

    told = json.loads(json.dumps([row.as_json() for row in rows]))

    wanted = {"workload", "variant", "database", "n", "seconds", "floor_seconds", "ratio", "peak_mb"}
    assert all(wanted <= set(row) for row in told)
    assert [row["variant"] for row in told] == ["luodi", "floor", "stock"]
    assert len({len(line) for line in table(rows).splitlines()}) == 1


def test_a_workload_without_a_usual_way_shows_a_dash() -> None:
    rows = compared("W3 sweep", "PostgreSQL 18.1", Sample(1000, [0.1234], [0.1]), Sample(1000, [0.0617], [0.1]))

    assert [(row.variant, row.ratio, row.as_json()["stock_ratio"]) for row in rows] == [
        ("luodi", 2.0, None),
        ("floor", 1.0, None),
    ]
    assert [cell.strip() for cell in table(rows).splitlines()[2].split("|")[4:9]] == [
        "0.12",
        "0.12",
        "0.10",
        "2.00",
        "–",
    ]


@pytest.mark.usefixtures("ledger")
def test_sweep_and_floor_fire_the_same_on_a_ledger_with_as_much_due_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "ITEMS", 1400)
    monkeypatch.setattr(sweep, "UNITS", 3)
    first, second = sweep.fill(2)
    floor = sweep.fire_barely(first)
    sweep.undo(first)

    raised = sweep.sweep(first, today=first)

    with transaction() as session:
        notices = session.scalar(text("SELECT count(*) FROM notice"))
        steps = set(session.scalars(text("SELECT DISTINCT step FROM escalation")))
    assert floor == (14, 18) == (len(raised), notices)
    assert steps == set(Step)
    sweep.settle(first)
    assert sweep.fire_barely(first) == (0, 0)
    assert sweep.fire_barely(second)[0] == 14


@pytest.mark.usefixtures("ledger")
def test_the_sweep_is_measured_first_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ITEMS": 200, "UNITS": 2, "REPEATS": 1}.items():
        monkeypatch.setattr(sweep, name, value)

    rows = sweep.measure()

    assert [(row.workload, row.variant, row.n) for row in rows] == [
        ("W3 sweep, 1 % of 200 due", "luodi", 2),
        ("W3 sweep, 1 % of 200 due", "floor", 2),
        ("W3 sweep again, nothing due", "luodi", 1),
        ("W3 sweep again, nothing due", "floor", 1),
    ]


@pytest.mark.usefixtures("ledger")
def test_import_floor_and_usual_way_take_the_same_rows_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    ledger_files.write_workbook(path, 200)
    with engine().begin() as connection:
        connection.execute(text(ledger_files.TYPED))
    for variant in ledger_files.VARIANTS.values():
        variant(path)
    with transaction() as session:
        counts = {
            table: session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - names of our own
            for table in ("project", "typed", "usual", "milestone", "progress", "blocker")
        }
        same = session.scalar(
            text(
                "SELECT count(*) FROM project p JOIN typed t USING (code, name, amount, signed_on) "
                'JOIN usual u ON u."项目编号" = p.code AND u."总投资（万元）" = p.amount AND u."签约日期" = p.signed_on'
            )
        )
    assert counts == {"project": 198, "typed": 198, "usual": 198, "milestone": 100, "progress": 198, "blocker": 18}
    assert same == 198


@pytest.mark.usefixtures("ledger")
def test_bulletin_and_floor_count_the_same() -> None:
    day = bulletin.last_day()
    large_ledger.fill(700, day)
    with snapshot() as session:
        figures = week_figures(session, day - timedelta(6), current_campaign(session, day), day + timedelta(1))

    floor = bulletin_floor.aggregates(bulletin.days(day))

    stretches = ("week", "before", "year", "campaign")
    counts = [getattr(figures, stretch) for stretch in stretches]
    steps = ("signed", "started", "completed", "landed", "exited")
    of_steps = [getattr(each, step) for each in counts for step in steps]
    assert [sum(column) for column in zip(*(row[4:24] for row in floor["steps"]), strict=True)] == of_steps
    assert sum(row[3] for row in floor["steps"]) == figures.cohort.part
    assert sum(row[2] for row in floor["steps"]) == figures.cohort.whole
    assert list(floor["visits"][0]) == [each.visits for each in counts]
    assert list(floor["blockers"][0]) == [
        *(each.blockers_opened for each in counts),
        *(each.blockers_resolved for each in counts),
    ]
    assert {step: list(row) for step, *row in floor["fired"]} == {
        step: [sum(fired.count for fired in each.escalated if fired.step == step) for each in counts]
        for step, *_row in floor["fired"]
    }
    increases = [sum(column) for column in zip(*(row[1:5] for row in floor["increases"]), strict=True)]
    assert increases == [each.increases for each in counts]
    lights = {light: sum(row[2] for row in floor["lights"] if row[1] == light) for light in ("red", "yellow", "green")}
    assert lights == {light: sum(getattr(unit, light) for unit in figures.units) for light in lights}
    assert min(lights.values()) > 0


@pytest.mark.usefixtures("ledger")
def test_bulletin_and_floor_analyse_and_list_the_same() -> None:
    day = bulletin.last_day()
    large_ledger.fill(700, day)
    with snapshot() as session:
        figures = week_figures(session, day - timedelta(6), current_campaign(session, day), day + timedelta(1))

    floor = bulletin_floor.aggregates(bulletin.days(day))

    last_year, this_year = ((goal.lines[0].whole, goal.lines[0].part) for goal in figures.targets[:2])
    reached = [sum(column) for column in zip(*(row[2:] for row in floor["targets"]), strict=True)]
    assert (tuple(reached[:2]), tuple(reached[2:4])) == (last_year, this_year)
    assert tuple(reached[4:6]) == tuple(sum(line.part for line in goal.lines) for goal in figures.targets[2:4])
    assert floor["cohort"][0][0] == figures.slow.open
    assert floor["without_blocker"][0][0] == figures.slow.without_blocker
    for statement, gone in (("by_step", "steps"), ("by_hands", "hands"), ("by_category", "categories")):
        told = {each.name: (each.spent.count, each.spent.total, each.spent.now) for each in getattr(figures.slow, gone)}
        assert told
        assert told.items() <= {row[0]: tuple(row[1:]) for row in floor[statement]}.items()
    for statement, listed in (("work", figures.work.shown), ("agenda", [each.matter for each in figures.agenda.shown])):
        assert [(row.code, row.kind, row.day) for row in floor[statement]] == [
            (each.code, each.kind, each.due_on) for each in listed
        ]
    assert (floor["work"][0].total, floor["agenda"][0].total) == (figures.work.total, figures.agenda.total)


@pytest.mark.long
@pytest.mark.usefixtures("ledger")
def test_the_bulletin_is_measured_beside_its_aggregates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PROJECTS": 300, "REPEATS": 2}.items():
        monkeypatch.setattr(bulletin, name, value)

    rows = bulletin.measure()

    assert [(row.workload, row.variant, row.n, row.repeats) for row in rows] == [
        ("W6 bulletin over 300 projects", "luodi", 300, 2),
        ("W6 bulletin over 300 projects", "floor", 300, 2),
    ]
    assert all(row.peak_mb and row.peak_mb < 700 for row in rows)


VISITS = """
SELECT count(project_id), count(investor_id), count(owner_id), min(due_on), max(due_on)
FROM action_item WHERE kind = 'visit' GROUP BY next_step IS NULL
"""


@pytest.mark.usefixtures("ledger")
def test_campaign_and_floor_ask_for_the_same_visits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisits, "PROJECTS", 10)
    with transaction() as session:
        large_ledger.staff(session)
    today = day_of("")
    mine, theirs = (today - timedelta(revisits.SIGNED + each) for each in range(2))
    for day in (mine, theirs):
        revisits.sign(day)

    opened = open_campaign(
        Terms("回访", Selection(signed_from=mine, signed_until=mine), working_days=revisits.WITHIN), today
    )

    assert revisits.ask_barely(theirs) == 13 == opened.total.projects + opened.total.investors
    with transaction() as session:
        both = session.execute(text(VISITS)).all()
        session.execute(text("DELETE FROM action_item WHERE next_step IS NULL"))
    assert (both[0], len(both)) == (both[1], 2)
