"""Every setting is documented by its field, and a value that cannot be used is named with what to
do.
"""

from contextlib import suppress
from pathlib import Path

import pytest

from models.i18n import gettext
from models.settings import VARIABLES, WrongSetting, settings, text_of
from support.repository import REPOSITORY


@pytest.mark.parametrize(("locale", "name"), [("en", "README.md"), ("zh_CN", "README.zh-CN.md")])
def test_the_readme_lists_the_settings_as_their_fields_describe_them(locale: str, name: str) -> None:
    rows = (
        (f"`{variable}`", gettext(field.description or "", locale), gettext(text_of(field, "unset"), locale))
        for variable, field in VARIABLES.items()
    )
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    assert table in (REPOSITORY / name).read_text(), f"put this into {name}:\n{table}"


WRONG = [
    ("PORT", "x"),
    ("PORT", "0"),
    ("PORT", "-1"),
    ("PORT", "65535"),  # the desk has the next one
    ("LUODI_DESK_URL", "desk.office"),
    ("LUODI_DESK_URL", "https://desk.office:x"),
    ("LUODI_DESK_URL", "https://office/desk"),
    ("LUODI_DESK_URL", "https://[desk"),
    ("LUODI_DESK_HOST", "10.0.0.5:4201"),
    ("LUODI_DESK_HOST", "http://desk.office"),
    ("LUODI_IMPORT_FOLDERS", "ledgers"),
    ("LUODI_IMPORT_FOLDERS", "/srv/ledgers:~/ledgers"),
    ("LUODI_IMPORT_FOLDERS", "/srv/ledgers/../../etc"),
    ("LUODI_CODE_PATTERN", "PY-(\\d{4}"),
    ("LUODI_LOCALE", "zh"),
    ("LUODI_TIMEZONE", "Asia/Shangai"),
    ("LUODI_TIMEZONE", "Asia"),
    ("LUODI_TIMEZONE", "/etc/passwd"),
    ("LUODI_DATABASE_URL", "sqlite:///ledger.db"),
    ("LUODI_DATABASE_URL", "postgresql://db.office/luodi"),
    ("LUODI_DATABASE_URL", "postgresql+psycopg://db.office:x/luodi"),
    ("PREFECT_API_DATABASE_CONNECTION_URL", "postgresql+psycopg://db.office/prefect"),
    ("PREFECT_API_URL", "127.0.0.1:4200/api"),
]


@pytest.mark.parametrize(("variable", "value"), WRONG)
def test_a_wrong_value_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv("LUODI_LOCALE", "en")
    monkeypatch.setenv(variable, value)
    remedy = text_of(VARIABLES[variable], "remedy")
    with pytest.raises(WrongSetting) as problem:
        settings()
    assert str(problem.value) == f"{variable}={value} cannot be used: {remedy}."


def test_it_is_named_in_the_offices_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "x")
    with pytest.raises(WrongSetting, match=r"^PORT=x无法使用：请设为1至65534之间的数字，如4200。$"):
        settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LUODI_DATABASE_URL", "postgresql://luodi:secret@db.office/luodi"),
        ("LUODI_DATABASE_URL", "luodi:secret@db.office/luodi"),
        ("LUODI_DATABASE_URL", "postgresql+psycopg://luodi:secr/et:secret@secret@db.office:x/luodi"),
        ("PREFECT_SERVER_API_AUTH_STRING", "secret"),
        ("PREFECT_SERVER_API_AUTH_STRING", ":secret"),
        ("PREFECT_SERVER_API_AUTH_STRING", "admin:secret密码"),  # a browser cannot send it to Prefect's page
        ("PREFECT_SERVER_API_AUTH_STRING", "用户:secret"),
        ("PREFECT_SERVER_API_AUTH_STRING", "admin:secret\n"),
    ],
)
def test_no_password_is_shown(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(WrongSetting, match=rf"{variable}=.*\*\*\*") as problem:
        settings()
    assert "secr" not in str(problem.value)


HOSTILE = [
    *("\x1b[31mx", "a\nb", "a\u2028b", "\t", "\udcff", "/etc/passwd\n", "http://[::1", "http://a:99999", "http://a b"),
    *("http://a:４２００", "http://例子.cn", "x" * 100_000, "%s{0}", "../..", "a..b", "fe80::1%\x1b", "nan", "//evil"),
    *("postgresql+psycopg://h/d?x=\n", "postgresql+psycopg://[zz/d", "Asia/" + "x" * 5000, "a:密码", ""),
]


@pytest.mark.parametrize("variable", VARIABLES)
def test_whatever_a_variable_holds_it_is_taken_or_named(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    for value in HOSTILE:
        monkeypatch.setenv(variable, value)
        with suppress(WrongSetting):
            assert "\\x1b" not in repr(settings())


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LUODI_HOME", "/srv/a\nb"),
        ("LUODI_HOME", "/srv/\x1b[31m"),
        ("LUODI_DESK_HOST", "例子"),
        ("LUODI_DESK_HOST", "a..b"),
        ("LUODI_DESK_URL", "http://a:４２００"),
        ("PREFECT_UI_API_URL", "javascript:alert(1)"),
        ("PREFECT_UI_API_URL", "//evil"),
        ("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", "http://a/b"),
        ("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", "*"),
        ("PREFECT_API_URL", "http://a\nb"),
        ("LUODI_DATABASE_URL", "postgresql+psycopg://h/d\t"),
    ],
)
def test_a_value_that_would_fail_later_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(WrongSetting, match=f"^{variable}="):
        settings()


def test_a_home_that_is_a_link_to_itself_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "home").symlink_to(tmp_path / "home")
    monkeypatch.setenv("LUODI_HOME", str(tmp_path / "home"))
    with pytest.raises(WrongSetting, match=r"^LUODI_HOME="):
        settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PREFECT_UI_API_URL", "/api"),
        ("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", "https://a.office, https://b.office:8443"),
        ("LUODI_DATABASE_URL", "postgresql+psycopg://luodi@/luodi?host=/run/luodi"),
        ("LUODI_DATABASE_URL", "postgresql+psycopg://luodi:p%40ss/w:rd@[::1]:5432/luodi?sslmode=require"),
        ("PREFECT_API_DATABASE_CONNECTION_URL", "postgresql+asyncpg://db.office/prefect"),
        ("LUODI_DESK_URL", "https://desk.office:8443"),
        ("LUODI_DESK_HOST", "desk.office"),
        ("LUODI_DESK_HOST", "fe80::1%eth0"),
        ("PREFECT_SERVER_API_AUTH_STRING", "admin:pass:word"),
    ],
)
def test_what_offices_write_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    assert value in settings().model_dump().values()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "")
    empty = settings()
    for variable in VARIABLES:
        monkeypatch.delenv(variable)
    assert empty == settings()
    assert (empty.port, empty.locale, empty.timezone.key, empty.desk_host) == (
        *(None, "zh_CN", "Asia/Shanghai"),
        "127.0.0.1",
    )


def test_a_variable_that_changes_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for port in ("4200", "4317", "4200"):
        monkeypatch.setenv("PORT", port)
        assert settings().port == int(port)
