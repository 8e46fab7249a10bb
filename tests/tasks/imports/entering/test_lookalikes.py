"""New projects that look like a known one are entered and noted."""

from dataclasses import replace
from datetime import date

import pytest

from models.office_files.rows import Effect
from support.ledgers.file_of_rows import ROW, bring, counts

pytestmark = pytest.mark.usefixtures("in_english", "ledger")


@pytest.mark.parametrize(
    ("row", "is_like"),
    [
        ({"name": "龙都家具产业园", "investor": ""}, False),
        ({"name": "龙都家具产业园"}, True),
        ({"name": "家具产业园区", "investor": "别的公司"}, True),
        ({"name": "家具产业园二期"}, False),
        ({"name": "化工厂"}, False),
    ],
)
def test_a_new_project_much_like_a_known_one_is_noted(row, is_like):
    bring(ROW)
    result = bring(replace(ROW, **{"code": "", "signed_on": date(2013, 4, 1)} | row))
    assert counts(result) == (1, 0, 0)
    assert [(note.suggestion, note.effect) for note in result.problems] == [("PY-1", Effect.NOTE)] * is_like


def test_a_new_project_whose_namesake_another_unit_has_is_noted():
    bring(ROW)
    result = bring(
        replace(ROW, code="PY-2", units="南乐县"), replace(ROW, number=5, name="化工厂", units="南乐县", code="")
    )
    assert counts(result) == (2, 0, 0)
    assert [(note.row, note.suggestion, note.effect) for note in result.problems] == [(4, "PY-1", Effect.NOTE)]
