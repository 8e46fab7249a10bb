"""A ledger file of one project that plans to begin in September 2033."""

from pathlib import Path

from support.ledgers.sheets import write
from support.office.days import days_ago
from support.office.ledger import COUNTY

HEAD = ("项目编号", "项目名称", "责任单位", "总投资（万元）", "签约日期", "预计开工时间")


def ledger_file(path: Path, code: str) -> Path:
    return write(path, {"台账": (HEAD, (code, f"排队项目{code}", COUNTY, 5000, str(days_ago(30)), "2033年9月"))})
