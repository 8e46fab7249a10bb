"""The desk is reached where it listens."""

import pytest

from deployments import environment
from deployments.doctor import desk
from deployments.doctor.findings import Level
from support.programs.ports import free_port


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", "http://127.0.0.1:4201"),
        (environment.EVERYWHERE[0], "http://127.0.0.1:4201"),
        ("10.0.0.5", "http://10.0.0.5:4201"),
        ("::1", "http://[::1]:4201"),
    ],
)
def test_this_machine_reaches_it_where_it_listens(monkeypatch, host, address):
    monkeypatch.setenv("LUODI_DESK_HOST", host)
    assert environment.desk_address(4200) == address


def test_the_doctor_says_that_it_is_down(monkeypatch):
    monkeypatch.setenv("PORT", str(free_port()))
    (finding,) = desk.desk()
    assert (finding.level, "luodi up" in finding.remedy) == (Level.WRONG, True)
