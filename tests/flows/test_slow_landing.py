"""`slow-landing` as a run: the page beside it, the workbook where the desk gives it out."""

from datetime import date

from openpyxl import load_workbook

from support.office import Office
from support.office.days import days_ago
from support.office.ledger import BUREAU, COUNTY, land_problem
from tasks.database import transaction
from tasks.items.blockers import open_blocker
from tasks.ledger.locks import lock_project

DEPLOYMENT = "slow-landing"


def test_what_is_slow_and_what_holds_it_is_shown_and_written(office: Office) -> None:
    (project_id,) = office.sign()
    with transaction(source="test") as session:
        project = lock_project(session, project_id)
        project.signed_on = date(2010, 3, 1)  # the page shows the slowest; other tests have projects, too
        open_blocker(session, project, land_problem("用地指标缺口60亩"), days_ago(5))
    run = office.done(DEPLOYMENT, units=[COUNTY])
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    text = office.artifact(DEPLOYMENT)
    code = office.project(project_id).code
    assert code in text
    assert f"用地指标缺口60亩 | {BUREAU} |" in text
    (path,) = (office.folder / "files" / "exports").glob("*落地慢项目分析*.xlsx")
    assert path.name in text
    assert code in [cell.value for cell in load_workbook(path).worksheets[0]["B"]]


def test_a_day_that_is_none_ends_the_run_with_its_reason(office: Office) -> None:
    run = office.done(DEPLOYMENT, as_of="昨天")
    assert (run["state_type"], "昨天" in run["state"]["message"]) == ("FAILED", True)
