"""What `luodi deploy` may write of a deployment that is there: what nobody has changed since.

Each part is compared three ways: as it was written last, as it is there, as it is wanted now.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prefect.client.schemas.objects import ConcurrencyOptions, DeploymentSchedule
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule, IntervalSchedule

from deployments.written import Rhythm, Written, fingerprint
from tasks.runs.prefect_api import POOL

# Descriptions that versions wrote which did not yet remember what they had written
FORMER = {
    *("c327c429290d", "653f318cd09e", "d22903fc01e4", "1b62fe63d84f", "62a897aab6d0", "4f17da4691c9"),
    *("684106f8af85", "8d425166f965", "78f7caafb4a8", "7992c8cde0a6", "35c674927b36", "b6309a4300cd"),
    *("606f5dfd6bb4", "9fb095358ccb", "555c2d01d223", "f66ce1911c5b"),
}


@dataclass(frozen=True)
class Wanted:
    """A deployment as `prefect.yaml`, the office's language and its ledger want it now."""

    name: str
    description: str
    tags: Sequence[str]
    queue: str
    limit: int | None
    collision: Any
    schedules: Mapping[str, SCHEDULE_TYPES]  # by slug
    parameters: Mapping[str, Any]  # what the form is filled with
    kept: Collection[str]  # parameters whose values stay as an operator has set them
    entrypoint: str
    schema: dict[str, Any]
    descriptions: Collection[str]  # fingerprints, in every language
    titles: Sequence[Collection[str]]  # each tag in every language
    timezones: Collection[str]  # those that `prefect deploy` and a former version wrote

    @property
    def options(self) -> ConcurrencyOptions | None:
        return ConcurrencyOptions(collision_strategy=self.collision) if self.collision else None


def changes(there: DeploymentResponse, last: Written | None, wanted: Wanted) -> dict[str, Any]:
    """The fields to write: what differs from what is wanted, and is ours."""
    before = last or Written()
    limit = there.global_concurrency_limit.limit if there.global_concurrency_limit else None
    collision = there.concurrency_options.collision_strategy.value if there.concurrency_options else None
    kept = {name: value for name, value in there.parameters.items() if name in wanted.kept}
    his_words = fingerprint(there.description) not in {before.description, *wanted.descriptions, *FORMER}
    place, our_place = (there.work_pool_name, there.work_queue_name), (POOL, wanted.queue)
    his_place = there.work_pool_name is not None and place != (POOL, before.queue)
    pairs = {
        "entrypoint": (there.entrypoint, wanted.entrypoint),
        "parameter_openapi_schema": (there.parameter_openapi_schema, wanted.schema),
        "enforce_parameter_schema": (there.enforce_parameter_schema, True),
        "parameters": (there.parameters, {**kept, **wanted.parameters}),
        "tags": (there.tags, merged_tags(there.tags, before.tags, wanted)),
        "description": (there.description, there.description if his_words else wanted.description),
        "work_queue_name": (place, place if his_place else our_place),
        "concurrency_limit": (limit, wanted.limit if limit == before.limit else limit),
        "concurrency_options": (collision, wanted.collision if collision == before.collision else collision),
    }
    fields: dict[str, Any] = {name: new for name, (old, new) in pairs.items() if new != old}
    if "work_queue_name" in fields:
        fields["work_pool_name"], fields["work_queue_name"] = our_place
    if "concurrency_options" in fields:
        fields["concurrency_options"] = wanted.options
    return fields


def merged_tags(there: Sequence[str], before: Sequence[str], wanted: Wanted) -> list[str]:
    """Our tags in today's words, where they stand; one that was taken away stays away."""
    tags, added = list(there), []
    for position, tag in enumerate(wanted.tags):
        same = {tag, *wanted.titles[position], *before[position : position + 1]}
        standing = [each for each in tags if each in same]
        if standing:
            tags = [tag if each == standing[0] else each for each in tags if each == standing[0] or each not in same]
        elif position >= len(before):
            added.append(tag)
    return [*added, *tags]


@dataclass(frozen=True)
class ScheduleChange:
    """A schedule to make (nothing is there), to change, or to delete (nothing is wanted)."""

    slug: str
    there: DeploymentSchedule | None
    schedule: SCHEDULE_TYPES | None


def schedule_changes(
    there: Sequence[DeploymentSchedule], last: Written | None, wanted: Wanted
) -> Iterator[ScheduleChange]:
    """What to do with our schedules; those of the operator are none of our business."""
    before = last.schedules if last else _formerly(there, wanted)
    for slug, schedule in wanted.schedules.items():
        standing = find(there, slug, before.get(slug))
        if standing:
            merged = _merged(standing, before.get(slug), schedule, () if last else wanted.timezones)
            if merged != standing.schedule or not standing.slug:
                yield ScheduleChange(standing.slug or slug, standing, merged)
        elif slug not in before:
            yield ScheduleChange(slug, None, schedule)
    for slug in before.keys() - wanted.schedules.keys():
        standing = find(there, slug, before[slug])
        if standing and _is_as_written(standing.schedule, before[slug]):
            yield ScheduleChange(slug, standing, None)


def find(there: Sequence[DeploymentSchedule], slug: str, before: Rhythm | None) -> DeploymentSchedule | None:
    """Our schedule of that slug, also when an operator's change has dropped the slug."""
    number = before.id if before else ""
    return next((each for each in there if str(each.id) == number or each.slug == slug), None)


def _formerly(there: Sequence[DeploymentSchedule], wanted: Wanted) -> dict[str, Rhythm]:
    """What a former version wrote: the same schedules, without slugs.

    One that has other times now was changed by an operator, in place; one that is gone he deleted.
    """
    written = {slug: Rhythm.of(schedule) for slug, schedule in wanted.schedules.items()}
    for rhythm in written.values():
        nameless = [each for each in there if not each.slug]
        same = [each for each in nameless if Rhythm.of(each.schedule).times == rhythm.times]
        rhythm.id = str((same or nameless)[0].id) if nameless else ""
    return written


def _merged(
    there: DeploymentSchedule, before: Rhythm | None, wanted: SCHEDULE_TYPES, timezones: Collection[str]
) -> SCHEDULE_TYPES:
    """The schedule with our times and our time zone, each unless an operator has changed it."""
    schedule = there.schedule
    written = before or Rhythm.of(wanted)
    if isinstance(schedule, CronSchedule) and isinstance(wanted, CronSchedule):
        cron = wanted.cron if schedule.cron == written.cron else schedule.cron
        is_ours = schedule.timezone in (written.timezone, *timezones)
        timezone = wanted.timezone if is_ours else schedule.timezone
        return schedule.model_copy(update={"cron": cron, "timezone": timezone})
    if isinstance(schedule, IntervalSchedule) and isinstance(wanted, IntervalSchedule):
        interval = wanted.interval if Rhythm.of(schedule).times == written.times else schedule.interval
        return schedule.model_copy(update={"interval": interval})
    return wanted if _is_as_written(schedule, written) else schedule


def _is_as_written(schedule: SCHEDULE_TYPES, before: Rhythm) -> bool:
    now = Rhythm.of(schedule)
    return (now.times, now.timezone) == (before.times, before.timezone)


def written_now(wanted: Wanted, now: DeploymentResponse, last: Written | None) -> Written:
    """What the next `luodi deploy` compares with."""
    before = last.schedules if last else _formerly(now.schedules, wanted)
    rhythms = {}
    for slug, schedule in wanted.schedules.items():
        standing = find(now.schedules, slug, before.get(slug))
        rhythms[slug] = Rhythm.of(schedule, standing.id if standing else "")
    return Written(
        deployment=str(now.id),
        description=fingerprint(wanted.description),
        tags=list(wanted.tags),
        queue=wanted.queue,
        limit=wanted.limit,
        collision=wanted.collision,
        schedules=rhythms,
    )
