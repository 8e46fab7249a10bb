"""A project's code identifies it; a number that counts rows does not, and nothing is renamed in
silence.
"""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from models.ledger.history import Change
from models.ledger.organisation import Unit
from models.ledger.project import Investor, Project
from models.office_files.rows import Effect, LedgerRow, Problem
from models.words import ItemKind
from support.ledgers.file_of_rows import COUNTY, PROBLEM, ROW, bring, counts, items, project
from tasks.database import transaction

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

NAMES = ("家具产业园", "冷链食品园", "光伏组件厂", "羽绒城")


def rows(*names: str, codes: tuple[str, ...] = (), first: int = 4) -> list[LedgerRow]:
    """A row for each name, numbered from 1 if no codes are given."""
    codes = codes or tuple(str(number) for number in range(1, len(names) + 1))
    return [
        replace(ROW, number=number, code=code, name=name, investor=f"{name}公司", amount=Decimal(number * 10**6))
        for number, (code, name) in enumerate(zip(codes, names, strict=True), start=first)
    ]


def names_by_code() -> dict[str, str]:
    with transaction() as session:
        return dict(session.execute(select(Project.code, Project.name).order_by(Project.id)).all())


def renames() -> list[tuple[object, object]]:
    with transaction() as session:
        cell = select(Change.old, Change.new).where(Change.table_name == "project", Change.column_name == "name")
        return [(old, new) for old, new in session.execute(cell.order_by(Change.id))]


def shown(problems: tuple[Problem, ...]) -> list[tuple[int, str, Effect]]:
    return [(problem.row, problem.value, problem.effect) for problem in problems]


NUMBERINGS = {
    "1": "{}",
    "01": "{:02}",
    "001": "{:03}",
    "00001": "{:05}",
    "第1号": "第{}号",
    "1号": "{}号",
    "No.1": "No.{}",
    "1.": "{}.",
    "1、": "{}、",
    "(1)": "({})",
}


@pytest.mark.parametrize("form", NUMBERINGS.values(), ids=NUMBERINGS)
def test_a_running_number_that_moves_by_one_renames_nobody(form):
    may = [form.format(number) for number in range(1, 4)]
    bring(*(replace(row, blockers=(PROBLEM,)) for row in rows(*NAMES[:3], codes=tuple(may))))
    blockers = [item.project_id for item in items(ItemKind.BLOCKER)]
    june = tuple(form.format(number) for number in range(1, 5))
    result = bring(*rows(NAMES[3], *NAMES[:3], codes=june))
    assert renames() == []
    assert counts(result) == (1, 3, 0)  # their amounts differ
    assert sorted(names_by_code().values()) == sorted(NAMES)
    assert [item.project_id for item in items(ItemKind.BLOCKER)] == blockers
    assert result.faults == ()
    assert [(note.row, note.value, "LUODI_CODE_PATTERN" in note.reason) for note in result.problems] == [
        (4, june[0], True)
    ]
    assert counts(bring(*rows(NAMES[3], *NAMES[:3], codes=june))) == (0, 0, 4)


def test_a_project_with_a_running_number_gets_its_code_from_luodi():
    bring(*rows(*NAMES[:2]))
    assert names_by_code() == {"LD-2013-001": NAMES[0], "LD-2013-002": NAMES[1]}


def test_a_number_is_a_code_where_the_office_says_so(monkeypatch):
    monkeypatch.setenv("LUODI_CODE_PATTERN", r"\d{2}")
    codes = ("37", "12", "25")
    bring(*rows(*NAMES[:3], codes=codes))
    assert names_by_code() == dict(zip(codes, NAMES, strict=False))
    renamed = replace(rows(NAMES[0], codes=("37",))[0], name="龙都家居城")
    assert [note.effect for note in bring(renamed).problems] == [Effect.NOTE]
    assert project("37").name == "龙都家居城"


def test_a_column_that_counts_its_rows_holds_no_codes_whatever_the_office_says(monkeypatch):
    monkeypatch.setenv("LUODI_CODE_PATTERN", r"\d+")
    bring(*rows(*NAMES[:3]))
    bring(*rows(NAMES[3], *NAMES[:3]))
    assert renames() == []
    assert all(code.startswith("LD-") for code in names_by_code())


def test_a_ledger_that_took_running_numbers_for_codes_is_found_by_name():
    bring(*rows(*NAMES[:3]))
    with transaction() as session:
        for number, name in enumerate(NAMES[:3], start=1):
            session.execute(update(Project).where(Project.name == name).values(code=str(number)))
    again = bring(*rows(NAMES[3], *NAMES[:3]))
    assert (again.new, again.changed, renames()) == (1, 3, [])
    assert names_by_code() == {"1": NAMES[0], "2": NAMES[1], "3": NAMES[2], "LD-2013-004": NAMES[3]}
    coded = bring(*rows(NAMES[0], codes=("PY-2013-001",)))
    assert counts(coded) == (0, 1, 0)
    assert project("PY-2013-001").name == NAMES[0]


def test_of_namesakes_in_an_old_ledger_its_number_tells_which():
    bring(replace(ROW, code="PY-1"), replace(ROW, number=5, code="PY-2"))
    with transaction() as session:
        for number in (1, 2):
            session.execute(update(Project).where(Project.code == f"PY-{number}").values(code=str(number)))
    row = replace(ROW, code="2", amount=Decimal(7))
    assert counts(bring(replace(ROW, number=3, code="1"), row)) == (0, 1, 1)
    assert project("2").amount == Decimal(7)


def test_two_rows_with_one_running_number_are_two_projects():
    assert counts(bring(*rows(*NAMES[:3], codes=("1", "1", "2")))) == (3, 0, 0)


def test_a_row_with_a_running_number_and_no_name_is_named():
    bring(ROW)
    result = bring(LedgerRow(number=4, code="1", progress=("已开工",)))
    assert shown(result.faults) == [(4, "1", Effect.ROW_LEFT_OUT)]


def test_rows_of_one_name_signed_on_different_days_are_not_mixed():
    row = replace(ROW, code="1")
    result = bring(row, replace(row, code="2", number=5, signed_on=date(2013, 4, 1)))
    assert shown(result.faults) == [(5, ROW.name, Effect.ROW_LEFT_OUT)]
    assert project("LD-2013-001").signed_on == ROW.signed_on


@pytest.mark.parametrize(
    ("other", "faults"),
    [
        ({"code": "", "investor": ""}, {4, 5}),
        ({"name": "家具城", "investor": "他人"}, {4, 5}),
        ({"code": "PY-9"}, {4}),  # the file has a row for each: two projects of one name
    ],
)
def test_a_row_that_cannot_go_in_keeps_its_project_from_others(other, faults):
    bring(ROW)
    to_come = replace(ROW, signed_on=date(2013, 8, 1))
    changed = {"number": 5, "amount": Decimal(7), "signed_on": ROW.signed_on}
    result = bring(to_come, replace(ROW, **changed | other))
    assert {problem.row for problem in result.faults} == faults
    assert (project().name, project().amount) == (ROW.name, ROW.amount)


def test_a_project_that_gets_another_name_under_its_code_is_noted():
    bring(ROW)
    result = bring(replace(ROW, name="龙都家居城"))
    assert counts(result) == (0, 1, 0)
    assert [(note.value, note.effect, ROW.name in note.reason) for note in result.problems] == [
        ("龙都家居城", Effect.NOTE, True)
    ]
    assert bring(replace(ROW, name="龙都家居城")).problems == ()


@pytest.mark.parametrize(
    "other", [{"investor": "晋源家居有限公司"}, {"units": "南乐县"}, {"investor": "", "units": "南乐县"}]
)
def test_a_code_whose_name_and_investor_or_unit_both_differ_is_a_conflict(other):
    bring(ROW)
    result = bring(replace(ROW, name="食品园", **other))
    assert shown(result.problems) == [(4, "PY-1", Effect.ROW_LEFT_OUT)]
    assert (counts(result), project().name) == ((0, 0, 0), ROW.name)


def test_a_name_that_is_only_mended_stays_its_projects_whoever_invests():
    bring(ROW)
    assert counts(bring(replace(ROW, name="家具产业园区", investor="晋源家居有限公司"))) == (0, 1, 0)


@pytest.mark.parametrize("investor", [ROW.investor, ""])
def test_codes_that_moved_by_one_are_conflicts_not_renames(investor):
    def moved(*pairs: tuple[str, str]) -> list[LedgerRow]:
        return [
            replace(ROW, number=number, code=code, name=name, investor=investor)
            for number, (code, name) in enumerate(pairs, start=4)
        ]

    bring(*moved(("PY-1", NAMES[0]), ("PY-2", NAMES[1]), ("PY-3", NAMES[2])))
    before = names_by_code()
    result = bring(*moved(("PY-1", NAMES[3]), ("PY-2", NAMES[0]), ("PY-3", NAMES[1]), ("PY-4", NAMES[2])))
    assert renames() == []
    assert [problem.row for problem in result.faults if problem.effect is Effect.ROW_LEFT_OUT] == [4, 5, 6, 7]
    assert names_by_code() == before


def test_swapped_codes_are_conflicts():
    first, second = rows(*NAMES[:2], codes=("PY-1", "PY-2"))
    bring(first, second)
    result = bring(replace(first, code="PY-2"), replace(second, code="PY-1"))
    assert shown(result.problems) == [(4, "PY-2", Effect.ROW_LEFT_OUT), (5, "PY-1", Effect.ROW_LEFT_OUT)]
    assert names_by_code() == {"PY-1": NAMES[0], "PY-2": NAMES[1]}


def test_one_code_with_two_names_in_a_file_is_named():
    result = bring(ROW, replace(ROW, number=5, name="食品园"))
    assert shown(result.problems) == [(5, "PY-1", Effect.ROW_LEFT_OUT)]
    assert project().name == ROW.name


def test_a_name_known_under_another_code_is_that_project_and_the_new_code_is_noted():
    bring(ROW)
    result = bring(replace(ROW, code="PY-9"))
    assert (counts(result), shown(result.problems)) == ((0, 1, 0), [(4, "PY-9", Effect.NOTE)])
    assert names_by_code() == {"PY-9": ROW.name}
    earlier = bring(replace(ROW, amount=Decimal(7)))  # the code it had comes back in an older file
    assert (counts(earlier), earlier.problems, names_by_code()) == ((0, 1, 0), (), {"PY-9": ROW.name})


def test_a_name_signed_again_on_another_day_under_another_code_is_another_project():
    bring(ROW)
    result = bring(replace(ROW, code="PY-9", signed_on=date(2013, 4, 1)))
    assert (counts(result), result.faults) == ((1, 0, 0), ())
    assert [note.suggestion for note in result.problems] == ["PY-1"]


@pytest.mark.parametrize("code", ["PY-1", "1", ""])
def test_a_project_whose_name_investor_and_unit_a_person_corrected_is_still_found(code):
    row = replace(ROW, code=code)
    bring(row)
    with transaction("张三") as session:
        found = session.scalars(select(Project)).one()
        found.name, found.investor = "龙都家居城", Investor(name="晋源家居有限公司")
        found.unit = session.scalars(select(Unit).where(Unit.name == "南乐县")).one()
    result = bring(row)
    assert (counts(result), result.faults) == ((0, 0, 1), ())
    assert list(names_by_code().values()) == ["龙都家居城"]
    another = bring(replace(row, code="", name="家具产业园", signed_on=date(2013, 5, 1)))
    assert counts(another) == (1, 0, 0)


def test_counties_that_number_from_one_each_get_their_own_projects():
    bring(replace(ROW, code="1"))
    result = bring(replace(ROW, code="1", name="食品园", units="南乐县"))
    assert (counts(result), result.faults) == ((1, 0, 0), ())
    with transaction() as session:
        homes = select(Project.name, Unit.name).join(Unit, Project.unit_id == Unit.id).order_by(Project.id)
        assert [tuple(pair) for pair in session.execute(homes)] == [(ROW.name, COUNTY), ("食品园", "南乐县")]


def test_a_former_name_that_is_another_projects_now_is_a_conflict():
    bring(ROW, replace(ROW, number=5, code="PY-2", name="食品园"))
    with transaction("张三") as session:
        first, second = session.scalars(select(Project).order_by(Project.code))
        first.name = "龙都家居城"
        session.flush()
        second.name = ROW.name
    assert shown(bring(ROW).problems) == [(4, "PY-1", Effect.ROW_LEFT_OUT)]


def test_a_ledger_without_a_column_of_codes_is_not_told_of_running_numbers():
    assert bring(replace(ROW, code="")).problems == ()


@pytest.mark.parametrize("form", ["{}", "第{}号", "PY-{}"])
def test_whatever_order_the_months_number_their_rows_in_a_project_stays_who_it_is(form):
    draw = random.Random(13)  # noqa: S311
    names = [f"{name}{part}" for name in NAMES for part in ("东区", "西区")]
    known: dict[str, int] = {}
    for _month in range(12):
        month = draw.sample(names, draw.randint(3, len(names)))
        result = bring(*rows(*month, codes=tuple(form.format(number) for number in range(1, len(month) + 1))))
        with transaction() as session:
            ids = dict(session.execute(select(Project.name, Project.id)).all())
        assert known.items() <= ids.items()
        assert renames() == []
        left_out = {problem.row for problem in result.problems if problem.effect is Effect.ROW_LEFT_OUT}
        assert set(ids) == known.keys() | {name for row, name in enumerate(month, start=4) if row not in left_out}
        assert form.startswith("PY") or not left_out
        known = ids


@pytest.mark.parametrize("other", ["PY-9", "豫投〔2013〕25"])
def test_a_code_of_its_own_makes_a_namesake_another_project_where_luodi_numbers_them(other):
    bring(replace(ROW, code=""))
    namesake = replace(ROW, code="", investor="晋源木业有限公司", signed_on=date(2013, 4, 1))
    assert shown(bring(namesake).faults) == [(4, ROW.name, Effect.ROW_LEFT_OUT)]
    result = bring(replace(namesake, code=other))
    assert (counts(result), result.faults) == ((1, 0, 0), ())
    assert names_by_code() == {"LD-2013-001": ROW.name, other: ROW.name}
    assert [note.suggestion for note in result.problems] == ["LD-2013-001"]
    assert counts(bring(replace(namesake, code=other))) == (0, 0, 1)


@pytest.mark.parametrize("investor", [f"{ROW.investor}（福建）", "闽兴家居公司"])
def test_a_code_of_its_own_is_not_enough_for_a_namesake_whose_investor_is_only_worded_otherwise(investor):
    bring(replace(ROW, code=""))
    result = bring(replace(ROW, code="PY-9", investor=investor))
    assert shown(result.faults) == [(4, "PY-9", Effect.ROW_LEFT_OUT)]
    assert names_by_code() == {"LD-2013-001": ROW.name}


@pytest.mark.parametrize("known", ["", ROW.investor])
@pytest.mark.parametrize("given", ["", ROW.investor])
def test_a_known_name_signed_on_another_day_is_its_project_only_if_the_investor_says_so(known, given):
    bring(replace(ROW, code="", investor=known))
    result = bring(replace(ROW, code="", investor=given, signed_on=date(2013, 4, 1)))
    is_confirmed = known == given != ""
    assert shown(result.faults) == ([] if is_confirmed else [(4, ROW.name, Effect.ROW_LEFT_OUT)])
    assert names_by_code() == {"LD-2013-001": ROW.name}
    assert project("LD-2013-001").signed_on == (date(2013, 4, 1) if is_confirmed else ROW.signed_on)


@pytest.mark.parametrize("name", [ROW.name, "龙都家居城"])
def test_a_project_whose_day_and_name_a_person_corrected_is_still_found_without_code_and_investor(name):
    row = replace(ROW, code="", investor="")
    bring(row)
    with transaction("张三") as session:
        found = session.scalars(select(Project)).one()
        found.name, found.signed_on = name, date(2013, 4, 1)
    for given in (row, replace(row, number=7)):
        result = bring(given)
        assert (counts(result), result.faults) == ((0, 0, 1), ())
    assert project("LD-2013-001").signed_on == date(2013, 4, 1)


def test_of_two_rows_that_each_have_half_of_what_tells_a_project_none_is_it():
    bring(replace(ROW, code=""))
    other_day, other_investor = date(2013, 4, 1), "晋源木业有限公司"
    result = bring(replace(ROW, code="", investor=other_investor), replace(ROW, code="", number=5, signed_on=other_day))
    assert shown(result.faults) == [(row, ROW.name, Effect.ROW_LEFT_OUT) for row in (4, 5)]
    assert (project("LD-2013-001").signed_on, counts(result)) == (ROW.signed_on, (0, 0, 0))


def test_an_unknown_investor_confirms_nobody_under_another_code():
    bring(replace(ROW, code="", investor=""))
    result = bring(replace(ROW, code="PY-2013-010", investor="", signed_on=date(2013, 4, 1)))
    assert shown(result.faults) == [(4, "PY-2013-010", Effect.ROW_LEFT_OUT)]
    assert names_by_code() == {"LD-2013-001": ROW.name}


def test_a_new_code_with_the_day_of_one_namesake_and_the_investor_of_the_other_is_neither():
    one, other = replace(ROW, code=""), replace(ROW, code="", number=5, investor="晋源木业有限公司")
    other = replace(other, signed_on=date(2013, 4, 1))
    bring(one)
    bring(replace(other, code="PY-9"))
    with transaction("测试") as session:
        session.execute(update(Project).where(Project.code == "PY-9").values(code="LD-2013-002"))
    result = bring(replace(one, code="PY-1"), replace(other, code="PY-2", investor=one.investor))
    assert shown(result.faults) == [(5, "PY-2", Effect.ROW_LEFT_OUT)]
    assert names_by_code() == dict.fromkeys(("PY-1", "LD-2013-002"), ROW.name)
    assert project("PY-1").signed_on == ROW.signed_on
