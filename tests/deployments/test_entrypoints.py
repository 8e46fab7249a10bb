"""Only what `prefect.yaml` declares is imported."""

import sys
from pathlib import Path

import pytest

from deployments.entrypoints import ForeignEntrypoint, declared, entrypoints, flow_at, seconds_for
from deployments.lanes import lanes


@pytest.mark.parametrize(
    "entrypoint",
    [
        "",
        ".",
        "os.system",
        "harmful.f",
        "flows.escalation",
        "flows.escalation.escalation ",
        "flows/escalation.py:escalation",
    ],
)
def test_any_other_entrypoint_is_refused_before_it_is_imported(
    entrypoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "harmful.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ForeignEntrypoint):
        flow_at(entrypoint)
    assert "harmful" not in sys.modules


def test_a_flow_needs_no_more_than_its_file_and_its_entry_in_the_yaml() -> None:
    assert {entry["name"] for entry in declared()} == entrypoints().keys() == lanes().keys()
    assert all(0 < seconds_for(flow) <= 4 * 3600 for flow in entrypoints())


def test_imports_go_one_by_one_and_nobody_waits_for_another_lane() -> None:
    assert lanes()["ledger-import"].threads == 1
    apart = ("ledger-import", "notice-delivery", "project-lifecycle", "reconciliation", "ledger-export")
    assert len({lanes()[flow] for flow in apart}) == 5
    assert {
        lanes()[entry["name"]] for entry in declared() if entry["work_pool"]["work_queue_name"] == "batch"
    }.isdisjoint({lanes()[entry["name"]] for entry in declared() if entry["work_pool"]["work_queue_name"] == "forms"})
