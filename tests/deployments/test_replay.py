"""The hundred days, replayed: the same text for a seed, and checks that can fail."""

import argparse
import csv
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text, update

from deployments import environment
from deployments.embedded_postgres import server as embedded
from deployments.replay import command, play
from deployments.replay.checks import bulletins
from deployments.replay.city import world
from deployments.replay.city.world import Deed, ReplayFailed
from deployments.replay.command import NotPlayable
from deployments.replay.people import leaders, officers, revisits
from deployments.replay.play import Replay
from deployments.replay.scratch import NoScratchLedger, scratch_ledger
from models.bulletin.figures import Figures
from models.campaigns.rates import Rate
from models.campaigns.revisit import RevisitCampaign
from models.escalation.action_item import ActionItem
from models.ledger.organisation import Person
from models.ledger.project import Project
from models.refusal import Refused
from support.ledgers.spare import SpareLedgers
from tasks import database
from tasks.campaigns.targets import TargetStanding
from tasks.database import transaction
from tasks.items.next_steps import set_next_steps

MONDAY = date(2013, 6, 17)
"""The sabotaged replay has been played through the Sunday before."""


def asked(**options: object) -> argparse.Namespace:
    given = {"seed": 1, "days": 15, "until": "", "projects": 60, "csv": None, "keep": False}
    return argparse.Namespace(**given | options)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUODI_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def played(ledgers: SpareLedgers) -> Iterator[tuple[str, Replay]]:
    """The name of a ledger that was played through a Sunday, and the replay that did it."""
    with ledgers.filled(_play) as played:
        yield played


def _play() -> Replay:
    replay = Replay(1, 60)
    for number in range((MONDAY - replay.plan.starts_on).days):
        replay.play(date.fromordinal(replay.plan.starts_on.toordinal() + number))
    return replay


@pytest.fixture
def replay(ledgers: SpareLedgers, played: tuple[str, Replay], in_english: None) -> Iterator[Replay]:
    """The same replay on a ledger of its own, ready for Monday."""
    name, replay = played
    with ledgers.copied(name, to_spoil=True):
        yield deepcopy(replay)


@pytest.mark.parametrize("days", [9, pytest.param(15, marks=pytest.mark.long)])  # after one week, or two
def test_two_replays_of_one_seed_tell_the_same_and_another_seed_tells_something_else(
    ledger: str, home: Path, capsys: pytest.CaptureFixture[str], days: int
) -> None:
    told = []
    for seed in (1, 1, 2):
        assert command.main(asked(seed=seed, days=days)) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] != told[2]
    assert "2013年上半年签约项目落地率" in told[0]
    assert f"{days}天" in told[0].splitlines()[-1]


def test_the_offices_own_ledger_is_left_alone_and_no_other_stays_behind(
    postgres: embedded.EmbeddedPostgres, ledger: str, home: Path
) -> None:
    assert command.main(asked(days=2, projects=50, csv=home / "rates.csv")) == 0
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Project)) == 0
        left = session.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE 'luodi_replay_%'")).all()
    assert left == []
    with (home / "rates.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["日期"] for row in rows] == ["2013-06-09", "2013-06-09", "2013-06-10", "2013-06-10"]
    assert all(0 <= int(row["已落地"]) <= int(row["项目数"]) for row in rows)


def test_a_ledger_that_is_kept_can_be_opened_as_a_home_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_DATABASE_URL", "")
    for _twice in range(2):  # the second one takes the place of the first
        with scratch_ledger(home, keep=True), transaction() as session:
            assert session.scalar(select(func.count()).select_from(Project)) == 0
            session.execute(text("CREATE TABLE kept (day date)"))
    with embedded.running(home / "replay", keep=False) as server:
        monkeypatch.setenv("LUODI_DATABASE_URL", server.url(environment.LEDGER, "psycopg"))
        with transaction() as session:
            assert session.scalar(text("SELECT count(*) FROM kept")) == 0
        database.engine().dispose()


def test_a_kept_ledger_that_is_being_served_is_not_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_DATABASE_URL", "")
    (home / "replay").mkdir()
    with (
        environment.only_one(home / "replay"),
        pytest.raises(NoScratchLedger, match="replay"),
        scratch_ledger(home, keep=True),
    ):
        pytest.fail("it was made")


def test_a_server_that_makes_no_database_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_DATABASE_URL", "postgresql+psycopg://luodi@127.0.0.1:1/luodi")
    with pytest.raises(NoScratchLedger, match="LUODI_DATABASE_URL"), scratch_ledger(home, keep=False):
        pytest.fail("it was made")


@pytest.mark.parametrize(
    "options", [{"days": 0}, {"days": 101}, {"until": "2013-06-08"}, {"until": "soon"}, {"projects": 5}], ids=str
)
def test_what_cannot_be_played_is_refused_before_anything_is_made(options: dict[str, object]) -> None:
    with pytest.raises(NotPlayable):
        command.main(asked(**options))


def test_an_untouched_replay_goes_on(replay: Replay) -> None:
    evening = replay.play(MONDAY)
    assert evening.clock.day_no == 9
    assert replay.bulletins.issued[-1][0].week_from == date(2013, 6, 10)


def test_a_missed_sweep_is_caught_up_on_the_next_day(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "NOT_SWEPT", (MONDAY,))
    missed, caught_up = replay.play(MONDAY), replay.play(MONDAY + timedelta(1))
    raised = missed.raw["escalation"].raised_on
    assert (raised == MONDAY).sum() == replay.world.journal.counts(MONDAY, MONDAY)[Deed.HEARD]
    assert (caught_up.raw["escalation"].raised_on == MONDAY + timedelta(1)).sum() > 5


def sabotage(statement: str) -> None:
    with transaction("sabotage") as session:
        assert session.execute(text(statement)).rowcount == 1  # type: ignore[attr-defined]


SABOTAGE = {
    "raised a week early": (
        "UPDATE escalation SET raised_on = '2013-06-11' WHERE id = (SELECT min(id) FROM escalation)",
        "Raised before its day",
    ),
    "raised on a day off": (
        "UPDATE escalation SET raised_on = '2013-06-15' WHERE id = (SELECT min(id) FROM escalation)",
        "Raised before its day",
    ),
    "raised by nobody": (
        (
            "INSERT INTO escalation (item_id, round, step, raised_on, due_on, policy_id) "
            "SELECT max(id), 9, 'reminder_before', '2013-06-17', '2013-06-19', 1 FROM action_item"
        ),
        "escalations",
    ),
    "never raised": (
        (
            "WITH one AS (SELECT min(e.id) AS id FROM escalation e JOIN action_item i ON i.id = e.item_id "
            "WHERE e.step = i.fired_step AND e.round = i.round AND i.closed_on IS NULL), "
            "untold AS (DELETE FROM notice USING one WHERE escalation_id = one.id) "
            "DELETE FROM escalation USING one WHERE escalation.id = one.id"
        ),
        "does not know the step that fired last",
    ),
    "visit closed and none owed": (
        (
            "UPDATE action_item SET closed_on = '2013-06-17', result = 'withdrawn', next_step = NULL, "
            "next_fires_on = NULL "
            "WHERE id = (SELECT max(id) FROM action_item WHERE kind = 'visit' AND closed_on IS NULL)"
        ),
        "does not owe exactly one visit",
    ),
    "clock gone": (
        (
            "UPDATE action_item SET next_step = NULL, next_fires_on = NULL "
            "WHERE id = (SELECT max(id) FROM action_item WHERE kind = 'visit' AND closed_on IS NULL)"
        ),
        "has no next step",
    ),
    "on hold without a reason": (
        (
            "UPDATE action_item SET is_paused = true, next_step = NULL, next_fires_on = NULL "
            "WHERE id = (SELECT max(id) FROM action_item WHERE kind = 'visit' AND closed_on IS NULL)"
        ),
        "on hold without a pause",
    ),
    "landed by nobody": (
        (
            "UPDATE project SET stage = 'landed', ended_on = '2013-06-17' "
            "WHERE id = (SELECT min(id) FROM project WHERE stage = 'signed')"
        ),
        "History has",
    ),
    "notice out of line": (
        "UPDATE escalation SET document_no = 99 WHERE id = (SELECT max(id) FROM escalation)",
        "numbered without gaps",
    ),
}
"""What is done to the ledger behind its back, and what the replay must say."""


@pytest.mark.parametrize(("statement", "told"), SABOTAGE.values(), ids=SABOTAGE.keys())
def test_what_is_wrong_in_the_ledger_stops_the_replay(replay: Replay, statement: str, told: str) -> None:
    sabotage(statement)
    with pytest.raises(ReplayFailed, match=told):
        replay.play(MONDAY)


NO_LEADERS = (
    "UPDATE person SET role = 'operator' WHERE role = 'leader'; "
    "UPDATE action_item SET leader_id = NULL; UPDATE project SET leader_id = NULL"
)
NO_INSPECTORS = "UPDATE person SET role = 'operator' WHERE role = 'inspector'"


@pytest.mark.parametrize(
    "gone",
    [NO_LEADERS, NO_INSPECTORS, f"{NO_LEADERS}; {NO_INSPECTORS}"],
    ids=["no leaders", "no inspectors", "neither"],
)
def test_the_rule_applied_once_more_knows_the_rungs_on_which_nobody_hears(replay: Replay, gone: str) -> None:
    with transaction() as session:
        roles = session.execute(text("SELECT id, role FROM person")).all()
    with transaction("sabotage") as session:
        session.execute(text(gone))
    for day in range(7):
        replay.play(MONDAY + timedelta(day))
    with transaction() as session:
        for person_id, role in roles:
            session.execute(text("UPDATE person SET role = :role WHERE id = :id"), {"id": person_id, "role": role})
    for day in range(7, 14):
        replay.play(MONDAY + timedelta(day))


def test_a_sweep_that_forgets_stops_the_replay(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play, "sweep", lambda _day, today: [])
    with pytest.raises(ReplayFailed, match="Should have been raised today and was not"):
        replay.play(MONDAY)


def test_a_sweep_that_is_a_day_early_stops_the_replay(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = play.sweep
    monkeypatch.setattr(play, "sweep", lambda day, today: sweep(day + timedelta(1), today + timedelta(1)))
    with pytest.raises(ReplayFailed, match="Raised today though nothing was due"):
        replay.play(MONDAY)


def test_notices_that_nobody_gathers_stop_the_replay(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play, "gather", lambda _day: [])
    with pytest.raises(ReplayFailed, match="were not gathered"):
        replay.play(MONDAY)


def test_a_rate_that_is_one_project_off_stops_the_replay(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    def flattering(*given: object) -> list[TargetStanding]:
        first, *others = evaluate(*given)
        line = replace(first.units[0], attained=replace(first.units[0].attained, part=first.units[0].attained.part + 1))
        return [replace(first, units=[line]), *others]

    evaluate = play.evaluate
    monkeypatch.setattr(play, "evaluate", flattering)
    with pytest.raises(ReplayFailed, match=r"2012年签约项目落地率.* the ledger says"):
        replay.play(MONDAY)


@pytest.mark.parametrize("name", ["signed", "visits", "blockers_opened", "landed"])
def test_a_bulletin_that_is_not_the_sum_of_its_days_stops_the_replay(
    replay: Replay, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def flattering(*given: object) -> Figures:
        found = week_figures(*given)
        return replace(found, week=replace(found.week, **{name: getattr(found.week, name) + 1}))

    week_figures = bulletins.week_figures
    monkeypatch.setattr(bulletins, "week_figures", flattering)
    with pytest.raises(ReplayFailed, match=f"week from 2013-06-10, week: {name} is"):
        replay.play(MONDAY)


def test_a_bulletin_that_says_something_else_later_is_told_of(replay: Replay) -> None:
    replay.play(MONDAY)
    assert list(replay.bulletins.changed_since()) == []
    earlier = "(SELECT min(item_id) FROM visit WHERE visited_on BETWEEN '2013-06-13' AND '2013-06-16')"
    sabotage(f"UPDATE visit SET visited_on = '2013-05-01' WHERE item_id = {earlier}")  # noqa: S608
    (told,) = replay.bulletins.changed_since()
    assert "2013-06-10" in told


@pytest.fixture
def revisit(monkeypatch: pytest.MonkeyPatch) -> revisits.Revisit:
    """A revisit campaign that opens on Monday and is cancelled on Wednesday."""
    first = revisits.REVISITS[0]
    terms = replace(first.terms, deadline=date(2013, 6, 28))
    campaign = replace(first, terms=terms, opens_on=MONDAY, ends_on=MONDAY + timedelta(2), is_cancelled=True)
    monkeypatch.setattr(revisits, "REVISITS", (campaign,))
    return campaign


def test_a_revisit_campaign_is_opened_and_cancelled_on_the_way(replay: Replay, revisit: revisits.Revisit) -> None:
    asked = replay.play(MONDAY).raw["revisit"]
    assert asked.project_id.notna().any()
    assert asked.project_id.isna().any()
    replay.play(MONDAY + timedelta(1))
    undone = replay.play(revisit.ends_on).raw["revisit"]
    assert undone.is_cancelled.all()
    assert undone[undone.project_id.isna() & undone.visited_on.isna()].is_open.sum() == 0


def test_a_cancelled_campaign_that_still_asks_stops_the_replay(
    replay: Replay, revisit: revisits.Revisit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_named(name: str, day: date, _who: str) -> None:
        with transaction() as session:
            over = {"closed_on": day, "is_cancelled": True}
            session.execute(update(RevisitCampaign).where(RevisitCampaign.name == name).values(over))

    monkeypatch.setattr(revisits, "cancel_campaign", only_named)
    replay.play(MONDAY)
    replay.play(MONDAY + timedelta(1))
    with pytest.raises(ReplayFailed, match=r"is cancelled, and .* still owed"):
        replay.play(revisit.ends_on)


def test_a_coverage_that_is_one_visit_off_stops_the_replay(
    replay: Replay, revisit: revisits.Revisit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flattering(*given: object) -> SimpleNamespace:
        whole = report_of(*given).whole
        investors = Rate(whole.investors.part + 1, whole.investors.whole)
        return SimpleNamespace(whole=replace(whole, investors=investors))

    report_of = revisits.report_of
    monkeypatch.setattr(revisits, "report_of", flattering)
    with pytest.raises(ReplayFailed, match=r"Revisit campaign .* the report says"):
        replay.play(MONDAY)


def test_a_landing_without_evidence_that_is_not_refused_stops_the_replay(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(officers, "TOO_EAGER", 1.0)
    monkeypatch.setattr(officers, "record_facts", lambda *_given: None)
    with pytest.raises(ReplayFailed, match="took a landing without evidence"):
        replay.play(MONDAY)


def test_an_answer_that_is_refused_without_reason_stops_the_replay(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sullen(*_given: object) -> None:
        raise Refused("不行")

    monkeypatch.setattr(officers, "record_visit", sullen)
    with pytest.raises(ReplayFailed, match="refused what its rules allow: 不行"):
        replay.play(MONDAY)


def test_what_reaches_a_leader_who_is_away_stops_the_replay(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaders, "delegate", lambda *_given, **_days: None)
    away = replay.world.cast.away
    with transaction() as session:
        its = select(Person.id).where(Person.name == away).scalar_subquery()
        on_monday = {"leader_id": its, "due_on": date(2013, 6, 13), "owner_id": None}
        session.execute(update(ActionItem).where(ActionItem.closed_on.is_(None)).values(on_monday))
        set_next_steps(session)
    with pytest.raises(ReplayFailed, match="did not reach who acted for the leader"):
        replay.play(MONDAY)
