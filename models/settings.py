"""Luodi's settings: the variables it reads from the environment, one field each.

The READMEs show these fields as a table; a test compares them.
"""

import base64
import ipaddress
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from models.i18n import LOCALES, mark, use_locale
from models.i18n import gettext as _
from models.visible import HIDDEN

# user and password, host (IPv6 in brackets), port, database and options; %s: the driver
POSTGRESQL = r"^postgresql\+%s://(.*@)?(\[[^\]]+\]|[^/?:]*)(:\d+)?([/?].*)?$"
AUTHORISATION = "^[!-9;-~]+:[ -~]+$"  # a browser's `btoa`, by which Prefect's page sends it, takes no Chinese
LONGEST_NAME = 253  # letters of a host's name
CODE_PATTERN = r"(?:\D*\d){5}.*|(?!第\d|[Nn][Oo]\.?\d).*[^\W\d_].*\d.*"

SECRET_KEY_BYTES = 32
URL_SAFE = str.maketrans("+/", "-_")


class WrongSetting(ValueError):
    """A variable of the environment cannot be used; the message says what to do."""


def _folder(path: Path) -> Path:
    _one_line(str(path))
    try:
        path.resolve()
    except (OSError, RuntimeError) as problem:  # a link to itself
        raise ValueError(path) from problem
    return path


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    is_web = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    if not re.fullmatch(r"[!-~]+", text) or not is_web:
        raise ValueError(text)
    return text.rstrip("/")


def _web_root(text: str) -> str:
    address = _web_address(text)
    if address.count("/") > 2 or "?" in address or "#" in address:
        raise ValueError(text)
    return address


def _page_address(text: str) -> str:
    """An address as a page sees it: also one on the host the page is from."""
    return text if re.fullmatch(r"/[!-~]*", text) and not text.startswith("//") else _web_address(text)


def _one_line(text: str) -> str:
    if re.search(r"[\n\t]", text):
        raise ValueError(text)
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*", text) or len(text) > LONGEST_NAME:
        ipaddress.ip_address(text)
    if not re.fullmatch(r"[!-~]+", text):  # what follows the % of an address may be anything
        raise ValueError(text)
    return text


def secret_keys(text: str) -> list[str]:
    """The keys in a text, with commas or spaces between them; ValueError if there is none."""
    keys = [key.translate(URL_SAFE) for key in text.replace(",", " ").split()]
    if not keys or any(len(base64.b64decode(key, b"-_", validate=True)) != SECRET_KEY_BYTES for key in keys):
        raise ValueError
    return keys


def _secret_keys(text: str) -> str:
    return ",".join(secret_keys(text))


def _hosts(text: str) -> str:
    for host in text.split(","):
        _host(host.strip().strip("[]"))
    return text


def _origins(text: str) -> str:
    for origin in text.split(","):
        _web_root(origin.strip())
    return text


def _pattern(text: str | re.Pattern[str]) -> re.Pattern[str]:
    _one_line(str(text))
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as problem:
        raise ValueError(text) from problem


def _folders(text: str) -> tuple[Path, ...]:
    folders = tuple(map(Path, filter(None, text.split(os.pathsep))))
    if not all(folder.is_absolute() and ".." not in folder.parts for folder in folders):
        raise ValueError(text)
    return folders


def _setting(variable: str, default: Any, *, says: str, unset: str, remedy: str = "", is_secret: bool = False) -> Any:
    """What the variable says, what holds while it is unset, what to do if its value is wrong."""
    texts: dict[str, Any] = {"unset": unset, "remedy": remedy}
    return Field(default, validation_alias=variable, description=says, json_schema_extra=texts, repr=not is_secret)


class Settings(BaseSettings):
    """The variables Luodi reads; an empty one counts as not set."""

    model_config = SettingsConfigDict(case_sensitive=True, env_ignore_empty=True, frozen=True, validate_default=False)

    home: Annotated[Path, AfterValidator(_folder)] | None = _setting(
        "LUODI_HOME",
        None,
        says=mark("the folder the installation lives in"),
        unset=mark("`.luodi` of the current folder, where one is or Luodi's checkout is; else the user's data folder"),
        remedy=mark("set it to a folder Luodi may write in, or remove it"),
    )
    port: Annotated[int, Field(gt=0, lt=65535)] | None = _setting(
        "PORT",
        None,
        says=mark("the UI's port on 127.0.0.1, 1 to 65534; the desk has the next one"),
        unset=mark("4200; the other commands: the port last served here"),
        remedy=mark("set it to a number from 1 to 65534, like 4200"),
    )
    desk_url: Annotated[str, AfterValidator(_web_root)] = _setting(
        "LUODI_DESK_URL",
        "",
        says=mark("the desk's address as browsers reach it"),
        unset=mark("`http://127.0.0.1:` and the desk's port"),
        remedy=mark("set it to an address without a path, like https://desk.office"),
    )
    desk_host: Annotated[str, AfterValidator(_host)] = _setting(
        "LUODI_DESK_HOST",
        "127.0.0.1",
        says=mark("the address the desk listens on"),
        unset=mark("127.0.0.1; any other needs a password"),
        remedy=mark("set it to an address of this machine without a port, like 127.0.0.1 or 0.0.0.0"),
    )
    hosts: Annotated[str, AfterValidator(_hosts)] = _setting(
        "LUODI_HOSTS",
        "",
        says=mark("further names that UI, API and desk are called by, with commas between them"),
        unset=mark("this machine's own names, and the hosts in the addresses that are set"),
        remedy=mark("set it to host names or addresses without ports, like luodi.office,10.0.0.5"),
    )
    import_folders: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_folders)] = _setting(
        "LUODI_IMPORT_FOLDERS",
        (),
        says=mark("folders, with colons between them, below which `ledger-import` may read by `path`"),
        unset=mark("only `files` and `sample` of Luodi's home"),
        remedy=mark("set it to whole paths with colons between them, like /srv/ledgers:/home/office/ledgers"),
    )
    code_pattern: Annotated[re.Pattern[str], BeforeValidator(_pattern)] = _setting(
        "LUODI_CODE_PATTERN",
        re.compile(CODE_PATTERN),
        says=mark("what the codes of the office's projects look like, as a regular expression"),
        unset=mark("a letter before a digit, or five digits; 1, 2, 3 … are no codes"),
        remedy=mark(r"set it to a regular expression, like PY-\d+-\d+"),
    )
    locale: Annotated[str, Field(pattern=f"^({'|'.join(LOCALES)})$")] = _setting(
        "LUODI_LOCALE",
        LOCALES[0],
        says=mark("language of Luodi's texts, `zh_CN` or `en`"),
        unset="`zh_CN`",
        remedy=mark("set it to zh_CN or en"),
    )
    timezone: ZoneInfo = _setting(
        "LUODI_TIMEZONE",
        ZoneInfo("Asia/Shanghai"),
        says=mark("the office's time zone: when a day begins"),
        unset="`Asia/Shanghai`",
        remedy=mark("set it to the name of a time zone, like Asia/Shanghai"),
    )
    database_url: Annotated[str, Field(pattern=POSTGRESQL % "psycopg"), AfterValidator(_one_line)] = _setting(
        "LUODI_DATABASE_URL",
        "",
        says=mark("the ledger's PostgreSQL"),
        unset=mark("the embedded one"),
        remedy=mark("set it to an address like postgresql+psycopg://user:password@host/database"),
    )
    prefect_database_url: Annotated[str, Field(pattern=POSTGRESQL % "asyncpg"), AfterValidator(_one_line)] = _setting(
        "PREFECT_API_DATABASE_CONNECTION_URL",
        "",
        says=mark("Prefect's PostgreSQL"),
        unset=mark("the embedded one"),
        remedy=mark("set it to an address like postgresql+asyncpg://user:password@host/database"),
    )
    prefect_password: Annotated[str, Field(pattern=AUTHORISATION)] = _setting(
        "PREFECT_SERVER_API_AUTH_STRING",
        "",
        says=mark("user:password that UI, API and desk ask for"),
        unset=mark("no password"),
        remedy=mark(
            "set it to a user and a password with a colon between them, in Latin letters, digits and signs: "
            "Prefect's page can send no others"
        ),
        is_secret=True,
    )
    prefect_origins: Annotated[str, AfterValidator(_origins)] = _setting(
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS",
        "",
        says=mark("web pages that may call the API"),
        unset=mark("the UI's own address"),
        remedy=mark(
            "set it to addresses without a path, like https://pages.office, with commas between them; not to *"
        ),
    )
    prefect_api_url: Annotated[str, AfterValidator(_web_address)] = _setting(
        "PREFECT_API_URL",
        "",
        says=mark("the API of the server that worker, desk and the other commands speak to"),
        unset=mark("the one `luodi up` serves here"),
        remedy=mark("set it to an address like http://127.0.0.1:4200/api"),
    )
    prefect_ui_api_url: Annotated[str, AfterValidator(_page_address)] = _setting(
        "PREFECT_UI_API_URL",
        "",
        says=mark("the API's address as browsers reach it"),
        unset=mark("the API's own address"),
        remedy=mark("set it to an address like https://office.example/api"),
    )
    secret_key: Annotated[str, AfterValidator(_secret_keys)] = _setting(
        "LUODI_SECRET_KEY",
        "",
        says=mark("the key that seals the channels' addresses; several with commas between them, the newest first"),
        unset=mark("the one in `LUODI_HOME/secret.key`, made when it is first needed"),
        remedy=mark("set it to what `openssl rand -base64 32` prints"),
        is_secret=True,
    )

    @property
    def host_names(self) -> tuple[str, ...]:
        """LUODI_HOSTS, each name as it stands in a request."""
        return tuple(host.strip().strip("[]").lower() for host in self.hosts.split(",") if host.strip())


VARIABLES = {str(field.validation_alias): field for field in Settings.model_fields.values()}


def settings() -> Settings:
    """What the environment says now; raises `WrongSetting` if a value cannot be used."""
    return _read(tuple(map(os.environ.get, VARIABLES)))


@lru_cache(maxsize=8)
def _read(_values: tuple[str | None, ...]) -> Settings:
    """The settings; read again once a variable has another value."""
    for variable in VARIABLES:
        if HIDDEN.search(os.environ.get(variable, "")):
            raise _named(variable)  # bytes that are no text would stop those that check the rest
    try:
        return Settings()
    except ValidationError as problem:
        raise _named(str(problem.errors()[0]["loc"][0])) from None


def _named(variable: str) -> WrongSetting:
    field, chosen = VARIABLES[variable], os.environ.get("LUODI_LOCALE") or LOCALES[0]
    with use_locale(chosen if chosen in LOCALES else "en"):  # settings cannot be read
        named = _("%(variable)s=%(value)s cannot be used: %(remedy)s.")
        return WrongSetting(
            named % {"variable": variable, "value": _shown(variable), "remedy": _(text_of(field, "remedy"))}
        )


def text_of(field: FieldInfo, name: str) -> str:
    """One of the texts beside a field, in English."""
    extra = field.json_schema_extra
    return str(extra[name]) if isinstance(extra, dict) else ""


def _shown(variable: str) -> str:
    """Its value, without passwords."""
    return re.sub(r"(?<=:)(?!//).*(?=@)", "***", os.environ[variable]) if VARIABLES[variable].repr else "***"
