"""Only what `prefect.yaml` declares is imported."""

import sys
from pathlib import Path

import pytest

from deployments.entrypoints import ForeignEntrypoint, declared, entrypoints, flow_at
from deployments.lanes import LANES, REST, lane_of


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


def test_every_lane_is_of_a_flow_there_is() -> None:
    assert LANES.keys() <= entrypoints().keys()
    assert {entry["name"] for entry in declared()} == entrypoints().keys()
    assert lane_of("ledger-export") is REST


def test_imports_go_one_by_one_and_nobody_waits_for_another_lane() -> None:
    assert lane_of("ledger-import").threads == 1
    lanes = {
        lane_of("ledger-import"),
        lane_of("notice-delivery"),
        lane_of("project-lifecycle"),
        lane_of("reconciliation"),
    }
    assert len({*lanes, REST}) == 5
