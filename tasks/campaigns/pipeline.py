"""The steps of planning a campaign as people see them on the page of its run."""

from datetime import date

from prefect import task

from models.campaigns.plan import Plan
from models.i18n import mark
from tasks.campaigns import plan as plans
from tasks.campaigns import plan_page
from tasks.steps import PLAIN, called


@task(task_run_name=called(mark("Show where each target stands")), **PLAIN)
def show_plan(plan: Plan, day: date) -> None:
    plan_page.show_plan(plan, day)


@task(task_run_name=called(mark("Enter the plan")), **PLAIN)
def adopt_plan(who: str, plan: Plan) -> bool:
    return plans.adopt_plan(who, plan)
