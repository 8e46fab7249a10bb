"""Full- and half-width forms name one project, one investor, one unit and one squad."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from models.ledger.organisation import Squad, Unit
from models.ledger.project import Investor, Project
from models.office_files.rows import UnitRow
from models.words import UnitKind
from support.ledgers.file_of_rows import ROW, bring, counts, history, project
from tasks.database import transaction

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

WIDE = replace(
    ROW,
    name="ＡＢＣ家具园（一期）",
    investor="闽兴（福建）有限公司",
    squad="闽东南（家具）小分队",
)
NARROW = replace(
    ROW,
    name="ABC家具园(一期)",
    investor="闽兴(福建)有限公司",
    squad="闽东南(家具)小分队",
)


def names(kind: type[Project | Investor | Squad | Unit]) -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(kind.name).order_by(kind.id)))


@pytest.mark.parametrize("has_code", [True, False], ids=["with code", "without code"])
@pytest.mark.parametrize(("first", "second"), [(WIDE, NARROW), (NARROW, WIDE)], ids=["wide first", "narrow first"])
def test_another_width_names_the_same_and_changes_nothing(first, second, has_code):
    if not has_code:
        first, second = replace(first, code=""), replace(second, code="")
    bring(first)
    kinds = (Project, Investor, Squad)
    before, entries = [names(kind) for kind in kinds], history()
    result = bring(second)
    assert (counts(result), result.problems) == ((0, 0, 1), ())
    assert ([names(kind) for kind in kinds], history()) == (before, entries)
    assert before == [[first.name], [first.investor], [first.squad]]


def test_two_rows_of_one_file_in_two_widths_are_one_project_named_as_first_written():
    rows = replace(WIDE, code=""), replace(NARROW, code="", number=5)
    result = bring(*rows)
    assert counts(result) == (1, 0, 0)
    assert (names(Project), names(Investor), names(Squad)) == ([WIDE.name], [WIDE.investor], [WIDE.squad])
    assert counts(bring(*reversed(rows))) == (0, 0, 1)


def test_a_project_of_another_name_is_still_renamed():
    bring(WIDE)
    assert counts(bring(replace(NARROW, name="ABC家具园(二期)"))) == (0, 1, 0)
    assert project().name == "ABC家具园(二期)"


def test_projects_that_the_ledger_has_in_both_widths_stay_two():
    bring(replace(WIDE, code="PY-1"), replace(NARROW, code="PY-2", name="别名", number=5))
    with transaction("张三") as session:
        session.execute(update(Project).where(Project.code == "PY-2").values(name=NARROW.name))
    for row, code in ((WIDE, "PY-1"), (NARROW, "PY-2")):
        result = bring(replace(row, code=code))
        assert (counts(result), result.problems) == ((0, 0, 1), ())
    assert counts(bring(replace(WIDE, code=""), replace(NARROW, code="", number=5))) == (0, 0, 2)


def test_a_unit_is_found_in_another_width_and_entered_once():
    units = (UnitRow(2, "清丰县（开发区）", UnitKind.COUNTY, is_kind_given=True, aliases=("开发区（清丰）",)),)
    bring(replace(ROW, units="清丰县（开发区）"), units=units)
    for written in ("清丰县(开发区)", "开发区(清丰)", "清丰县（开发区）"):
        result = bring(replace(ROW, units=written), units=())
        assert (counts(result), result.problems) == ((0, 0, 1), ())
    again = (UnitRow(2, "清丰县(开发区)", UnitKind.COUNTY, is_kind_given=True, aliases=("开发区(清丰)",)),)
    result = bring(replace(ROW, units="清丰县(开发区)"), units=again)
    assert (counts(result), result.problems, names(Unit)) == ((0, 0, 1), (), ["清丰县（开发区）"])
