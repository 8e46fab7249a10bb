"""The history in the dossier, as people read it."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import monotonic

import pytest
from docx.document import Document
from docx.oxml.ns import qn
from sqlalchemy import event, text, update

from models.i18n import use_locale
from models.ledger.facts import FoundBlocker
from models.ledger.history import DERIVED, HISTORIC_TABLES
from models.ledger.project import Progress, Project
from models.tables import Base
from models.words import BlockerCategory
from support.dossier import SIGNED, history, print_it, sweep_all, told
from tasks.database import engine, set_author, transaction
from tasks.dialogues.fields import Topics
from tasks.dossiers.history import TOPICS
from tasks.items.blockers import open_blocker
from tasks.ledger import history as project_history

pytestmark = pytest.mark.usefixtures("ledger")


def headings(document: Document) -> list[str]:
    """Titles and headings, the heads of columns and the labels of facts."""
    titles = [each.text for each in document.paragraphs if each.style.name.startswith(("Title", "Heading"))]
    heads = document.element.xpath('.//w:p[w:pPr/w:pStyle[@w:val="CellHead"]]')
    return titles + ["".join(text.text for text in head.iter(qn("w:t"))) for head in heads]


def test_history_is_told_as_people_read_it(rich, tmp_path):
    rows = history(print_it(rich, tmp_path / "档案.docx"))
    changed = [(who, source, subject, what) for _when, who, source, subject, what in rows]
    place = next(source for _who, source, subject, what in changed if what == "投资方注册地：福建泉州 → 福建晋江")
    assert place.startswith("清丰县七月台账.xlsx")
    project = next(what for _who, source, subject, what in changed if source == place and subject == "项目")
    assert project.splitlines() == [
        "总投资：12.5亿元 → 13.6亿元",
        "分包人员：清丰县 · 张建国 → 清丰县 · 孙晓",
        "其他栏目：申请用地（亩）：320 → 335",
    ]
    corrected = next(row for row in changed if row[-1] == "产业大类：家具 → 新材料")
    assert corrected[0] == "操作员 周敏"
    assert re.fullmatch(r"台账更正表单 PY-2013-007-\w+: 产业大类填错", corrected[1])
    extended = next(row for row in changed if row[2] == "延期：土地：用地指标未落实，涉及基本农田120亩")
    assert extended[3].splitlines() == [
        "新增",
        "原时间节点：2013年6月28日",
        "新的时间节点：2013年7月3日",
        "原因：省厅批复尚未下达",
        "批准人：王志强",
    ]
    whole = "\n".join(row[-1] for row in rows)
    for line in (
        "项目阶段：已签约 → 跟进中",
        "暂停计时：否 → 是",
        "承诺办结日期：（空） → 2013年7月15日",
        "解决单位：市国土资源局",
    ):
        assert line in whole
    assert not re.search(r"[a-z]+_(id|on|step)\b", whole), "a column by its own name"


def test_no_heading_is_left_in_english(rich, tmp_path):
    found = headings(print_it(rich, tmp_path / "档案.docx"))
    assert [title for title in found if title == "项目档案" or title.endswith("变更记录")] == [
        "项目档案",
        "十二、变更记录",
    ]
    assert [title for title in found if re.search(r"[A-Za-z]", title)] == []


def test_in_english_no_heading_is_chinese(rich, tmp_path):
    with use_locale("en"):
        found = headings(print_it(rich, tmp_path / "dossier.docx"))
    assert "12. History" in found
    assert [title for title in found if re.search(r"[\u3000-\u9fff\uff00-\uffef]", title)] == []


def test_two_thousand_changes_are_told_within_seconds(project, tmp_path):
    with transaction("台账员", "台账.xlsx · 台账") as session:
        for number in range(1000):
            session.execute(
                text("UPDATE project SET name = :name, origin_activity = :activity WHERE id = :id"),
                {"name": f"产业园{number}", "activity": f"洽谈会{number}", "id": project},
            )
            set_author(session, f"台账员{number}", "台账.xlsx · 台账")
    began = monotonic()
    document = print_it(project, tmp_path / "档案.docx")
    assert monotonic() - began < 10
    rows = history(document)
    assert len(rows) > 1000
    assert rows[-1][-1] == "项目名称：产业园998 → 产业园999\n招商活动：洽谈会998 → 洽谈会999"


def test_of_a_longer_history_the_oldest_are_left_out_and_counted(project, tmp_path, monkeypatch):
    monkeypatch.setattr(project_history, "LATEST_CHANGES", 3)
    with transaction() as session:
        for number in range(3):
            set_author(session, f"台账员{number}", "台账.xlsx")
            session.execute(update(Project).values(name=f"产业园{number}"))
    document = print_it(project, tmp_path / "档案.docx")
    assert "较早的2条变更未列出。" in told(document)
    assert [row[1] for row in history(document)] == ["台账员0", "台账员1", "台账员2"]


def test_the_number_of_statements_does_not_grow_with_the_project(project, rich_statements, tmp_path):
    few = rich_statements(project, tmp_path)
    with transaction("周敏", "record-fact") as session:
        signed = session.get_one(Project, project)
        for number in range(20):
            session.add(Progress(project_id=project, happened_on=SIGNED, text=f"进展{number}"))
            found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", f"问题{number}", "", date(2013, 6, 20))
            open_blocker(session, signed, found, date(2013, 6, 9))
    sweep_all(date(2013, 6, 18), date(2013, 6, 25))
    assert rich_statements(project, tmp_path) <= few + 2  # what hangs on items is asked for only when there are items


@pytest.fixture
def rich_statements() -> Callable[[int, Path], int]:
    """Counts the statements a dossier takes."""

    def count(project: int, folder: Path) -> int:
        seen: list[str] = []
        event.listen(engine(), "before_cursor_execute", lambda *call: seen.append(call[2]))
        print_it(project, folder / "档案.docx")
        return len(seen)

    return count


def test_every_column_of_history_has_a_name_in_the_offices_words():
    labelled = {
        table.name: {column.name for column in table.columns if column.info.get("label")}
        for table in Base.metadata.tables.values()
    }
    of_projects = set(HISTORIC_TABLES) - {
        *("unit", "unit_alias", "squad", "policy", "campaign", "target", "revisit_campaign", "channel")
    }
    assert {table for table, columns in labelled.items() if columns} == of_projects
    for table in of_projects - {"person"}:
        columns = set(Base.metadata.tables[table].columns.keys()) - {*DERIVED.get(table, ())}
        assert columns - {"id", "recorded_at", "project_id", "item_id"} == labelled[table], table
    assert list(TOPICS) == list(Topics.model_fields)
    assert list(TOPICS.values()) == [field.title for field in Topics.model_fields.values()]
