import json
from pathlib import Path

import pytest
from benchmarks import ledger_files, sweep
from benchmarks.figures import Sample, compared, table
from sqlalchemy import text

from models.words import Step
from tasks.database import engine, transaction


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

    raised = sweep.sweep(first)

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
