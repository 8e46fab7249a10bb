"""The numbers an office may change, as data: the ladder's steps and the visits' days."""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Recordable
from models.i18n import gettext as _
from models.i18n import mark
from models.refusal import Refused
from models.words import ItemKind

Scope = tuple[int | None, ItemKind | None]  # a campaign and a kind of item; None: all of them

EVERYTHING: Scope = (None, None)


def scopes(campaign_id: int | None, kind: ItemKind | None) -> list[Scope]:
    """Where an item's numbers are looked for: campaign and kind, campaign, kind, general."""
    return list(dict.fromkeys([(campaign_id, kind), (campaign_id, None), (None, kind), (None, None)]))


class Policy(Recordable, Base):
    """One version of the office's numbers, all in working days, for a scope."""

    __tablename__ = "policy"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[ItemKind | None]  # None: for every kind
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))  # None: always
    first_visit_within: Mapped[int] = mapped_column(server_default="10")
    visit_every: Mapped[int] = mapped_column(server_default="20")
    visit_after_resolution: Mapped[int] = mapped_column(server_default="3")
    # As 许昌 (Henan) for a handed-over matter
    blocker_within: Mapped[int] = mapped_column(server_default="15")
    extension_notice: Mapped[int] = mapped_column(server_default="1")  # as 泉州
    reminder_before: Mapped[int] = mapped_column(server_default="3")
    reminder_after: Mapped[int] = mapped_column(server_default="1")
    leader_after: Mapped[int] = mapped_column(server_default="2")
    acknowledge_within: Mapped[int] = mapped_column(server_default="1")
    reply_within: Mapped[int] = mapped_column(server_default="3")
    office_after: Mapped[int] = mapped_column(server_default="3")
    office_repeat_every: Mapped[int] = mapped_column(server_default="5")
    verify_within: Mapped[int] = mapped_column(server_default="5")
    follows_general: Mapped[bool] = mapped_column(server_default="false")  # its own numbers end

    @property
    def scope(self) -> Scope:
        return self.campaign_id, self.kind


class Policies:
    """The newest version for each scope that has numbers of its own."""

    def __init__(self, versions: Iterable[Policy]) -> None:
        newest = {policy.scope: policy for policy in sorted(versions, key=lambda policy: policy.version)}
        self.own = {scope: policy for scope, policy in newest.items() if not policy.follows_general}
        self.campaigns = {None, *(campaign_id for campaign_id, _kind in newest)}  # that have, or had, their own
        self.has_campaigns = self.campaigns != {None}

    def of(self, campaign_id: int | None, kind: ItemKind | None) -> Policy:
        """What applies to that kind of item on projects that follow that campaign."""
        return next(self.own[scope] for scope in scopes(campaign_id, kind) if scope in self.own)

    def without(self, scope: Scope) -> Policy:
        """What would apply to the scope, had it no numbers of its own."""
        return next(self.own[wider] for wider in scopes(*scope) if wider in self.own and wider != scope)


Days = Annotated[int, Field(ge=1, le=250, description=mark("In working days; it applies at once to all that is open"))]
DaysFromNow = Annotated[
    int, Field(ge=1, le=250, description=mark("In working days; for what is opened or planned from now on"))
]


class PolicyNumbers(BaseModel):
    """What a policy says, in working days. A number marked with a kind is for that kind only."""

    # Prefect's page starts nothing any more once a field that the schema requires was empty
    model_config = ConfigDict(
        title=mark("Numbers"),
        frozen=True,
        from_attributes=True,
        extra="forbid",
        json_schema_extra=lambda schema: schema.pop("required", None),
    )

    reminder_before: Days = Field(title=mark("Reminder: working days before the due date"))
    reminder_after: Days = Field(title=mark("Reminder: working days after the due date"))
    leader_after: Days = Field(title=mark("To the leader: working days after the due date"))
    acknowledge_within: Days = Field(title=mark("The leader acknowledges within working days"))
    reply_within: Days = Field(title=mark("The leader replies within working days"))
    office_after: Days = Field(title=mark("To the inspection office: working days after the leader heard"))
    office_repeat_every: Days = Field(title=mark("Again to the inspection office: every so many working days"))
    verify_within: Annotated[DaysFromNow, ItemKind.VERIFY] = Field(
        title=mark("The inspection office verifies within working days")
    )
    first_visit_within: Annotated[DaysFromNow, ItemKind.VISIT] = Field(
        title=mark("First visit: within working days of entering the ledger")
    )
    visit_every: Annotated[DaysFromNow, ItemKind.VISIT] = Field(title=mark("Visits: working days from one to the next"))
    visit_after_resolution: Annotated[DaysFromNow, ItemKind.VISIT] = Field(
        title=mark("Visit after the last blocker is resolved: within working days")
    )
    blocker_within: Annotated[DaysFromNow, ItemKind.BLOCKER] = Field(
        title=mark("A blocker is solved within working days")
    )
    extension_notice: Annotated[Days, Field(ge=0), ItemKind.BLOCKER] = Field(
        title=mark("An extension is asked for: working days before the due date")
    )

    @classmethod
    def title(cls, name: str) -> str:
        return _(cls.model_fields[name].title or name)

    @classmethod
    def meaningless_for(cls, kind: ItemKind) -> list[str]:
        """The numbers that mean something for another kind of item only."""
        return [
            name
            for name, field in cls.model_fields.items()
            if any(isinstance(only, ItemKind) and only is not kind for only in field.metadata)
        ]

    def changes(self, new: Self) -> list[tuple[str, int, int]]:
        """The numbers that differ: name, this one, the new one."""
        both = ((name, getattr(self, name), getattr(new, name)) for name in type(self).model_fields)
        return [(name, now, wanted) for name, now, wanted in both if now != wanted]

    def check(self) -> None:
        """Raise `Refused` unless steps follow one another and leave time to answer."""
        more = _("“%(higher)s” (%(second)s) must be more than “%(lower)s” (%(first)s).")
        not_less = _("“%(higher)s” (%(second)s) must not be less than “%(lower)s” (%(first)s).")
        for lower, higher, distance, clash in (
            ("reminder_after", "leader_after", 1, more),
            ("acknowledge_within", "reply_within", 0, not_less),
            ("reply_within", "office_after", 0, not_less),
        ):
            first, second = getattr(self, lower), getattr(self, higher)
            if second < first + distance:
                names = {"lower": self.title(lower), "higher": self.title(higher)}
                raise Refused(clash % (names | {"first": str(first), "second": str(second)}))
