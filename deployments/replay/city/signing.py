"""The projects of the replay: what the ledger held on the eve, and what is signed on each day."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from random import Random

from deployments.replay.people.cast import TEAM, Cast
from deployments.sample.words import COMMERCE_BUREAU, COUNTIES, ORIGINS, SECTORS
from models.office_files.rows import LedgerRow
from models.office_files.vocabulary import SECTORS as SECTOR_WORDS
from models.words import Currency

HUNDRED_MILLION = 10**8
# More projects than there are things to make are further parts of them
PARTS = ("", *(f"{number}期" for number in "二三四五六七八九"))
SIZES = ((10, 30), (5, 10), (1, 5), (0.1, 1))  # spans of amounts in hundred million yuan
USUALLY, AT_AN_ACTIVITY = (10, 15, 45, 30), (25, 30, 35, 10)  # how often each is signed
# When the Taiwan, south-east Fujian, Bohai Rim and Pearl River Delta activities sign their projects
ACTIVITIES = (date(2013, 6, 21), date(2013, 7, 16), date(2013, 7, 31), date(2013, 8, 20))
A_DAY = 0.9  # projects signed on an ordinary working day, on average, by 300 projects in the ledger
AN_ACTIVITY = 12


class Signing:
    """Gives out one project after the other, no two of one name in one unit."""

    def __init__(self, cast: Cast, seed: int) -> None:
        kinds = [(sector, company, thing) for sector, company, things in SECTORS for thing in things]
        pairs = list(product(COUNTIES, kinds))
        Random(f"{seed} names").shuffle(pairs)  # noqa: S311 - a play, no secret
        self._names = [(unit, kind, part) for part in PARTS for unit, kind in pairs]
        self._given = 0
        self.cast = cast

    def project(
        self, dice: Random, signed_on: date, weights: tuple[int, ...] = USUALLY, activity: int = -1
    ) -> LedgerRow:
        """The next project, signed on a day; `activity`: a place in `ACTIVITIES`, -1 for none."""
        unit, (sector, company, thing), part = self._names[self._given]
        self._given += 1
        origin = ORIGINS[activity if activity >= 0 else dice.randrange(len(ORIGINS))]
        least, most = dice.choices(SIZES, weights)[0]
        amount = Decimal(dice.randrange(int(least * 1000), int(most * 1000), 5)) * HUNDRED_MILLION / 1000
        return LedgerRow(
            number=self._given,
            code=f"PY{signed_on.year}-{self._given:04}",
            name=f"{unit}{thing}项目{part}",
            investor=f"{dice.choice(origin.companies)}{thing}{company}",
            registered_in=origin.place,
            sector=SECTOR_WORDS[sector],
            units=unit,
            amount=amount,
            currency=Currency.CNY,
            signed_on=signed_on,
            officer=dice.choice(self.cast.officers(unit)).name,
            leader=self.cast.leader(unit),
            squad=origin.squad,
            is_sme=amount < HUNDRED_MILLION // 2,
            origin_activity=origin.activity,
        )

    def of_the_bureau(self, dice: Random, signed_on: date, post: int) -> LedgerRow:
        """One of the commerce bureau's own large projects, each with another of its leaders."""
        row = self.project(dice, signed_on, (1, 0, 0, 0))
        row.units, row.leader = COMMERCE_BUREAU, f"{COMMERCE_BUREAU}{TEAM[post]}"
        row.officer = dice.choice(self.cast.officers(COMMERCE_BUREAU)).name
        return row

    def on(self, dice: Random, day: date, share: float) -> Iterator[LedgerRow]:
        """What is signed on a working day; `share`: the size of the ledger by 300 projects."""
        if day in ACTIVITIES:
            for _number in range(round(AN_ACTIVITY * share)):
                yield self.project(dice, day, AT_AN_ACTIVITY, ACTIVITIES.index(day))
        expected = A_DAY * share
        for _number in range(int(expected) + (dice.random() < expected % 1)):
            yield self.project(dice, day)


def spread(dice: Random, first: date, last: date) -> date:
    return first + timedelta(dice.randint(0, (last - first).days))
