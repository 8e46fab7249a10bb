import json

from benchmarks.figures import Sample, compared, table


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
