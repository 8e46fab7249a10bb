"""What a run is started with, read before its flow begins: what cannot be used is said in words."""

from collections.abc import Callable, Mapping
from functools import cache
from inspect import signature
from typing import Any, get_type_hints

from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Completed
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import PydanticCustomError

from models.i18n import gettext as _
from models.i18n import mark, sentences
from models.refusal import Refused
from tasks.runs.forms import explain

DRY_RUN = mark("Dry run")
NONE_OF_OURS = "none_of_ours"  # a number that the ledger never gave


class Parameters(BaseModel):
    # Defaults are checked too. No schema requires anything: once Prefect's page has met an empty
    # field that is required, its button does nothing.
    model_config = ConfigDict(extra="forbid", validate_default=True, revalidate_instances="always")


def read_parameters(flow: Callable[..., Any], given: Mapping[str, object]) -> dict[str, Any]:
    """The parameters as the flow's signature types them.

    `Refused` names each that is missing or cannot be used, by its title, and why.
    """
    model = _model(flow)
    try:
        read = model.model_validate(given)
    except ValidationError as problem:
        if NONE_OF_OURS in {error["type"] for error in problem.errors()}:
            raise Refused(_("Nothing was done: Luodi starts these runs itself, nobody needs to.")) from problem
        again = _("Nothing was done: %(faults)s. Put that right and start it again.")
        raise Refused(again % {"faults": explain(model, problem)}) from problem
    return {name: getattr(read, name) for name in model.model_fields}


@cache
def _model(flow: Callable[..., Any]) -> type[Parameters]:
    hints = get_type_hints(flow, include_extras=True)
    fields: Any = {name: (hints[name], each.default) for name, each in signature(flow).parameters.items()}
    return create_model(flow.__name__, __base__=Parameters, **fields)


def _filled_in(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("missing", "must be filled in")
    return text


def _is_ours(number: int) -> int:
    if number < 1:
        raise PydanticCustomError(NONE_OF_OURS, "numbers begin with 1")
    return number


def is_trial(dry_run: object) -> bool:
    """Whether a run that was started with it only tries.

    One that a schedule started never does: Prefect's page for editing a deployment stores all that
    its form shows, and every day's run would become a trial.
    """
    context = FlowRunContext.get()
    return bool(dry_run) and not (context and context.flow_run and context.flow_run.auto_scheduled)


def tried(message: str) -> State[None]:
    """The end of a trial: what it found, and how to do it."""
    how = _("To do it, start it again with “%(field)s” switched off.") % {"field": _(DRY_RUN)}
    return Completed(message=sentences([message, how]))


FILLED_IN = AfterValidator(_filled_in)
STARTED_BY_LUODI = AfterValidator(_is_ours)
UNLESS_SCHEDULED = AfterValidator(is_trial)
