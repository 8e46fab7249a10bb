"""Forms: typed in Python, sent as JSON schema, answered in the Prefect UI."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from models.i18n import clauses, mark, of_each
from models.i18n import gettext as _
from models.office_files.cells import BadCell
from models.office_files.days.days import written_day
from models.office_files.names.names import clean_text
from models.refusal import Refused
from models.words import Word

Schema = dict[str, Any]

WORDS = {word.__name__: word for word in Word.__subclasses__()}
REFERENCE = "#/definitions/"  # where the Prefect UI looks for a schema's parts

CLEANED = AfterValidator(clean_text)  # text as the ledger keeps it: it comes back the same by a file
Required = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), CLEANED]
Optional = Annotated[str, StringConstraints(strip_whitespace=True), CLEANED]

DAY_EXAMPLE = mark("e.g. 2026-12-05 or 2026.12.5")


def read_day(entered: object) -> date:
    if isinstance(entered, date):
        return entered
    if not isinstance(entered, str):
        raise PydanticCustomError("date_type", "no text")
    if not entered.strip():
        raise PydanticCustomError("missing", "empty")
    try:
        return written_day(entered)
    except BadCell as problem:
        raise PydanticCustomError("unreadable", "{reason}", {"reason": str(problem)}) from problem


# Text: Prefect's V2 page makes today of a day that is typed into its date picker.
Day = Annotated[date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "example": DAY_EXAMPLE})]


def choice_of(name: str, *, preselected: bool = True) -> Schema:
    """Schema extra of a field whose choices are read from the ledger when the form is sent."""
    return {"choices": name} if preselected else {"choices": name, "preselected": False}


def one_of(word: type[Word]) -> Schema:
    """Schema extra of a text that offers the labels of a word."""
    return {"word": word.__name__}


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", use_enum_values=False)

    filled_in_by: Required = Field(
        title=mark("Filled in by"), description=mark("Your name and post. It goes into the ledger's history.")
    )
    form_no: Required = Field(
        title=mark("Form number"), description=mark("Leave as it is: it keeps an old form from being sent twice.")
    )

    kind: ClassVar[str] = ""  # what it is called in its run's timeline

    # Where these fields stand; the others come between, as they are declared.
    FIRST: ClassVar[tuple[str, ...]] = ()
    LAST: ClassVar[tuple[str, ...]] = ("filled_in_by", "form_no")

    @classmethod
    def read(cls, answer: Mapping[str, object]) -> Self:
        """The answer as a typed form; `Refused` names each field that cannot be used, and what to
        do.
        """
        try:
            return cls.model_validate(answer)
        except ValidationError as problem:
            raise Refused(explain(cls, problem)) from problem


class Part(BaseModel):
    """A group of fields within a form: an entry of a list, say."""

    model_config = ConfigDict(extra="forbid")


def schema_of(
    form: type[Form], form_no: str, prefilled: Mapping[str, object], choices: Mapping[str, Sequence[str]]
) -> Schema:
    """The JSON schema of a form in the current locale, prefilled and with its choices."""
    filled: Schema = with_choices(spelled_out(_plain_schema(form)), choices)
    properties = filled["properties"]
    for name, value in {**prefilled, "form_no": form_no}.items():
        properties[name]["default"] = value.label if isinstance(value, Word) else value
    properties["form_no"]["enum"] = [form_no]
    placed = {*form.FIRST, *form.LAST}
    order = [*form.FIRST, *(name for name in properties if name not in placed), *form.LAST]
    for position, name in enumerate(order):
        properties[name]["position"] = position
    return filled


@cache
def _plain_schema(form: type[Form]) -> Schema:
    """The form's schema as pydantic writes it, its words marked instead of referred to."""
    schema = form.model_json_schema(ref_template=REFERENCE + "{model}")
    del schema["title"]  # the class's name
    definitions = schema.pop("$defs", {})
    tables = {name: part for name, part in definitions.items() if name not in WORDS}
    for part in (schema, *tables.values()):
        part.pop("description", None)  # a docstring: written for us
        for member in part["properties"].values():
            name = str(member.get("$ref", "")).removeprefix(REFERENCE)
            if name in definitions:  # pydantic leaves out a title that equals the definition's
                member.setdefault("title", definitions[name]["title"])
            if name in WORDS:
                del member["$ref"]
                member |= {"type": "string", "word": name}
    return {**schema, "definitions": tables}


def spelled_out(part: Any) -> Any:
    """The schema in the current locale: its texts translated, its words as labels."""
    if isinstance(part, list):
        return [spelled_out(member) for member in part]
    if not isinstance(part, dict):
        return part
    spelled = {key: spelled_out(value) for key, value in part.items() if key != "word"}
    for key in ("title", "description"):
        if isinstance(text := part.get(key), str):
            spelled[key] = _(text) if text else ""
    if isinstance(example := part.get("example"), str):
        spelled["description"] = clauses([spelled.get("description", ""), _(example)])
    if isinstance(word := part.get("word"), str):
        spelled["enum"] = [member.label for member in WORDS[word]]
        if "default" in part:
            spelled["default"] = WORDS[word](part["default"]).label
    for position, member in enumerate(spelled.get("properties", {}).values()):
        member["position"] = position
    return spelled


def with_choices(part: Any, choices: Mapping[str, Sequence[str]]) -> Any:
    """The schema with these choices from the ledger; an optional field opens with the first,
    unless somebody must choose.

    Without choices any text will do. The schema keeps the names of its choices, to be renewed by.
    """
    if isinstance(part, list):
        return [with_choices(member, choices) for member in part]
    if not isinstance(part, dict):
        return part
    renewed = {key: with_choices(value, choices) for key, value in part.items()}
    if isinstance(name := part.get("choices"), str) and name in choices:
        offered = list(choices[name])
        renewed.pop("enum", None)
        renewed |= {"enum": offered} if offered else {}
        if part.get("preselected") is False:
            renewed.pop("default", None)
        elif "default" in part:
            renewed["default"] = offered[0] if offered else ""
    return renewed


REASONS = {
    "missing": mark("must be filled in"),
    "string_too_short": mark("must be filled in"),
    "date_type": mark("is not a date: write it like 2026-06-09"),
    "enum": mark("is not one of the choices"),
    "extra_forbidden": mark("is not a field of this form"),
    "string_type": mark("must be text"),
    "int_type": mark("must be a whole number"),
    "int_parsing": mark("must be a whole number"),
    "int_from_float": mark("must be a whole number"),
    "float_type": mark("must be a number"),
    "float_parsing": mark("must be a number"),
    "finite_number": mark("must be a number"),
    "bool_type": mark("must be yes or no"),
    "bool_parsing": mark("must be yes or no"),
    "greater_than_equal": mark("must be at least %(ge)s"),
    "less_than_equal": mark("must be at most %(le)s"),
    "tuple_type": mark("must be a list"),
}
OTHERWISE = mark("cannot be used")
MOST_FAULTS = 20  # told of one answer
LONGEST_VALUE = 100  # characters of what was entered that are shown again


def explain(form: type[BaseModel], problem: ValidationError) -> str:
    """The faults of an answer in the operator's words: field, value, what to do."""
    faults = []
    for error in problem.errors(include_url=False)[:MOST_FAULTS]:
        kind = "missing" if error["input"] is None else error["type"]
        answer = "" if kind == "missing" else str(error["input"]).strip()
        answer = answer if len(answer) <= LONGEST_VALUE else f"{answer[:LONGEST_VALUE]}…"
        value = f" “{answer}”" if answer else ""
        field = f"{_field_title(form, error['loc'])}{value}"
        context = error.get("ctx", {})
        refusal = context.get("error")
        reason = str(refusal) if isinstance(refusal, Refused) else _(REASONS.get(kind, OTHERWISE)) % context
        faults.append(of_each(field, error["msg"]) if kind == "unreadable" else f"{field} {reason}")
    return clauses(faults)


def _field_title(form: type[BaseModel], path: tuple[int | str, ...]) -> str:
    titles: list[str] = []
    model: Any = form
    for step in path:
        if isinstance(step, int):
            titles.append(str(step + 1))
            continue
        field = getattr(model, "model_fields", {}).get(step)
        titles.append(_(field.title) if field and field.title else step[:LONGEST_VALUE])
        arguments = getattr(field.annotation, "__args__", (field.annotation,)) if field else (None,)
        model = arguments[0]
    return " › ".join(titles)
