"""The fields of a form without files that a page of the desk sent."""

from fastapi import Request

from deployments.desk.security import tokens

MOST_FIELDS, LONGEST_FIELD = 10, 4000  # of a usual form; bytes


async def form_fields(request: Request, most: int = MOST_FIELDS) -> dict[str, str]:
    """The fields by name; a form of another page is refused."""
    tokens.check_origin(request)
    async with request.form(max_files=0, max_fields=most, max_part_size=LONGEST_FIELD) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
    tokens.check_token(request, fields.get("token", ""))
    return fields
