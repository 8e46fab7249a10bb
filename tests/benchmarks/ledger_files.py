"""W4, ledger files: a workbook of projects, one row in a hundred bad, taken in whole.

The floor reads it by the fastest reader there is and copies typed rows into one bare table; the
usual way is pandas over openpyxl and `to_sql`. Neither checks, tells projects apart, keeps history
or opens what is owed. Each measurement is a process of its own, so that none pays for another's
memory.
"""

import io
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.apart import measure_apart, tell
from benchmarks.figures import Row, Sample, compared
from benchmarks.runs import server_version
from tasks.database import engine, transaction

ROWS = int(os.environ.get("BENCH_ROWS") or 100_000)
REPEATS = int(os.environ.get("BENCH_FILE_REPEATS") or 3)
UNITS = 20
TODAY = date(2013, 6, 9)
HEADER = (
    *("项目编号", "项目名称", "投资方", "投资方注册地", "产业大类", "责任单位", "总投资（万元）", "签约日期"),
    *(
        "项目分包人员",
        "分包领导",
        "招商小分队",
        "是否中小企业",
        "招商活动",
        "预计开工时间",
        "进展情况",
        "存在的主要问题",
    ),
)
BAD_AMOUNT, BAD_DAY = "约3-5亿元", "待定于下次会议"
TYPED = """
CREATE TABLE typed (
    code text, name text, investor text, registered_in text, sector text, unit text, amount numeric(20, 2),
    signed_on date, officer text, leader text, squad text, is_sme text, activity text, planned_on date, progress text,
    problem text
)
"""


def write_workbook(path: Path, rows: int) -> None:
    """A ledger of so many projects: half with a plan, all with progress, a tenth with a problem, a
    hundredth bad.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    units = book.add_worksheet("单位")
    for at, cells in enumerate([("名称", "类型"), *((f"第{n}县", "县区") for n in range(UNITS))]):
        units.write_row(at, 0, cells)
    sheet = book.add_worksheet("台账")
    sheet.write_row(0, 0, HEADER)
    for n in range(rows):
        sheet.write_row(n + 1, 0, project(n))
    book.close()


def project(n: int) -> tuple[Any, ...]:
    """A row of the workbook."""
    county, signed_on = n % UNITS, date(2012, 1, 1) + timedelta(n % 365)
    is_bad = n % 100 == 50
    return (
        f"PY-{n:06}",
        f"家具产业园{n}号项目",
        f"闽兴家居{n // 3}有限公司",
        "福建泉州",
        ("家具", "食品", "化工", "装备制造")[n % 4],
        f"第{county}县",
        BAD_AMOUNT if is_bad and n % 200 < 100 else 1000 + n % 90000,
        BAD_DAY if is_bad and n % 200 >= 100 else signed_on,
        f"专员{n % 400}",
        f"领导{n % 200}",
        f"第{county % 8}招商小分队",
        "是" if n % 5 == 0 else "否",
        "第五届农洽会" if n % 3 else "",
        signed_on + timedelta(600) if n % 2 else "",
        f"正在办理土地手续，已完成投资{n % 97}万元。",
        "用地指标未落实" if n % 10 == 0 else "",
    )


def luodi(path: Path) -> None:
    """All that is good of the file goes into the ledger."""
    from tasks.imports.entering.import_file import import_ledger
    from tasks.imports.reader import read_ledger

    import_ledger(read_ledger(path), TODAY)


def floor(path: Path) -> None:
    """The fastest reader there is, and the typed rows by COPY."""
    import polars as pl

    frame = pl.read_excel(path, sheet_name="台账", infer_schema_length=None)
    days = ("签约日期", "预计开工时间")
    frame = frame.with_columns(
        pl.col("总投资（万元）").cast(pl.Float64, strict=False) * 10_000,
        *(pl.col(each).cast(pl.String).str.slice(0, 10).str.to_date(strict=False) for each in days),
    ).drop_nulls(["总投资（万元）", "签约日期"])
    lines = io.BytesIO()
    frame.write_csv(lines, include_header=False)
    with engine().begin() as connection:
        cursor: Any = connection.connection.cursor()
        with cursor.copy("COPY typed FROM STDIN (FORMAT csv)") as copy:
            copy.write(lines.getvalue())


def usual(path: Path) -> None:
    """pandas over openpyxl, then `to_sql`."""
    import pandas as pd

    frame = pd.read_excel(path, sheet_name="台账", engine="openpyxl")
    frame["总投资（万元）"] = pd.to_numeric(frame["总投资（万元）"], errors="coerce") * 10_000
    for day in ("签约日期", "预计开工时间"):
        frame[day] = pd.to_datetime(frame[day], errors="coerce")
    frame = frame.dropna(subset=["总投资（万元）", "签约日期"])
    frame.to_sql("usual", engine(), if_exists="append", index=False, chunksize=10_000)


VARIANTS: dict[str, Callable[[Path], None]] = {"luodi": luodi, "floor": floor, "usual": usual}


def measure(fresh: Callable[[], Any]) -> list[Row]:
    """The first import and the second; `fresh` gives an empty ledger of its own to the block it
    opens.
    """
    first, again = ({name: Sample(ROWS) for name in VARIANTS} for _time in range(2))
    database = ""
    with tempfile.TemporaryDirectory(prefix="luodi-bench-") as folder:
        path = Path(folder) / "ledger.xlsx"
        write_workbook(path, ROWS)
        for repeat in range(REPEATS):
            with fresh():
                database = f"PostgreSQL {server_version()}"
                with engine().begin() as connection:
                    connection.execute(text(TYPED))
                for name in VARIANTS:
                    if name != "usual" or not repeat:  # it takes too long to be asked thrice
                        measure_apart(__file__, first[name], name, str(path))
                before = _written()
                measure_apart(__file__, again["luodi"], "luodi", str(path))
                if _written() != before:
                    raise AssertionError("the second import wrote something")
    again |= {name: first[name] for name in ("floor", "usual")}
    return [
        row
        for title, samples in (("W4 import of a ledger file", first), ("W4 the same file again", again))
        for row in compared(title, database, samples["luodi"], samples["floor"], samples["usual"])
        if samples is first or row.variant == "luodi"
    ]


def _written() -> Any:
    """What an import moves that writes anything: the rows of each table put in, changed and deleted
    so far.
    """
    with transaction() as session:
        session.execute(text("SELECT pg_stat_force_next_flush()"))
        asked = text("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables ORDER BY relname")
        return session.execute(asked).all()


def main() -> None:
    """Do one variant's work once and say what it took."""
    name, path = sys.argv[1], Path(sys.argv[2])
    tell(lambda: VARIANTS[name](path))


if __name__ == "__main__":
    main()
