"""Writes the databases of `former/` again: an office of the version before Prefect 3.9, a form of
each kind waiting.

It runs in a tree of that version (commit 62b999f, Prefect 3.8.8), so its imports are that
version's: `python tests/data/make_former.py` there, and copy `tests/data/former/` here. All days
lie long before today: whoever answers is late, whatever day it is.
"""

import lzma
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

import office as offices  # noqa: E402
from bench import scratch_office  # noqa: E402
from sqlalchemy import make_url  # noqa: E402

from deployments.postgres import EmbeddedPostgres, wheel_folder  # noqa: E402
from flows.catch_up import catch_up  # noqa: E402
from models.action_item import ActionItem  # noqa: E402
from tasks.database import transaction  # noqa: E402
from tasks.ledger import lock_project  # noqa: E402
from tasks.reports import resolve_blocker  # noqa: E402

DAY = date(2025, 3, 10)
PASSING = ("log", "events", "event_resources")  # what Prefect's server keeps for some days only


def fill(office: offices.Office) -> None:
    """One waiting run for each kind of form, each on a project of its own."""
    _leader, _item = office.stall(offices.working_day(-2))
    _office, _item = office.stall(offices.working_day(-5))
    done, item_id = office.stall(offices.working_day(-5))
    office.sweep(DAY)
    before = office.raised_asked(item_id)
    with transaction(source="test") as session:
        lock_project(session, done)
        item = session.get_one(ActionItem, item_id)
        resolve_blocker(session, item, "已调剂60亩指标", offices.BUREAU, DAY)
    with office.client():
        catch_up(as_of=str(DAY))
    office.raised_asked(item_id, before)
    office.stall(offices.working_day(20))
    office.owe_investor_visit(offices.working_day(9))
    for errand in ("record-fact", "change-assignment", "correction"):
        project_id = office.new_project()
        office.errand_asked(office.start(errand, project=office.project(project_id).code))
    office.new_project()  # the last visit form is on a project that nothing else concerns
    offices.wait_for(office.all_are_told, "the last notice")
    for run in scheduled(office):
        office.http.delete(f"/flow_runs/{run['id']}").raise_for_status()


def scheduled(office: offices.Office) -> list[dict[str, Any]]:
    """Runs that the schedules have made for later: at the time of the answers they would be long
    due.
    """
    body = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    found: list[dict[str, Any]] = office.http.post("/flow_runs/filter", json=body).raise_for_status().json()
    return found


def dump(postgres: EmbeddedPostgres, name: str, path: Path) -> None:
    """Write a database as `psql` reads it, packed."""
    url = make_url(postgres.url(name, "psycopg")).set(drivername="postgresql").render_as_string(hide_password=False)
    passing = [f"--exclude-table-data={table}" for table in PASSING]
    command = [wheel_folder() / "pginstall" / "bin" / "pg_dump", "--no-owner", "--no-privileges", *passing, url]
    path.write_bytes(lzma.compress(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout, preset=9))


def main() -> None:
    """Fill an office, stop it as `luodi up` does, and write both databases."""
    offices.today = lambda: DAY
    with scratch_office() as office:
        fill(office)
        office.stop()
        folder = HERE / "former"
        folder.mkdir(exist_ok=True)
        dump(office.postgres, office.ledger, folder / "ledger.sql.xz")
        dump(office.postgres, office.prefect, folder / "prefect.sql.xz")


if __name__ == "__main__":
    main()
