"""A channel's address is sealed in the ledger; without its key it is nowhere, and we say so."""

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text, update

from models.escalation.channel import Channel
from models.ledger.history import Change
from models.settings import WrongSetting, settings
from tasks.database import transaction
from tasks.notices.addresses import Address, address_of, forget_address, keep_address, seal_by_newest_key
from tasks.notices.secret_key import NoSecretKey, key_file, known_keys, sealing_key
from tasks.notices.webhook import DeliveryDelayed, kept_channel

URL, KEY = "https://oapi.dingtalk.com/robot/send?access_token=topsecret", "signing-topsecret"
OTHER_URL = "https://qyapi.weixin.qq.com/send?key=othersecret"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUODI_HOME", str(tmp_path))
    monkeypatch.delenv("LUODI_SECRET_KEY", raising=False)
    return tmp_path


def row(name: str = "robot") -> Channel:
    with transaction() as session:
        return session.get_one(Channel, name)


@pytest.mark.usefixtures("ledger")
def test_an_address_is_sealed_and_history_says_who_changed_it_and_where_it_led() -> None:
    keep_address("robot", URL, KEY, actor="desk")
    keep_address("robot", OTHER_URL, actor="desk")
    keep_address("robot", OTHER_URL, KEY, actor="nobody, for nothing changes")
    assert address_of("robot") == Address(OTHER_URL, KEY)
    assert (row().host, row().has_key) == ("qyapi.weixin.qq.com", True)
    with transaction() as session:
        of_host = select(Change.actor, Change.old, Change.new).where(Change.column_name == "host")
        assert session.execute(of_host).all() == [("desk", "oapi.dingtalk.com", "qyapi.weixin.qq.com")]
        history = str(session.execute(text("SELECT to_jsonb(c) FROM change c")).all())
        ledger = str(session.execute(text("SELECT to_jsonb(c) FROM channel c")).all()) + history
    assert "secret" not in ledger.replace("secret_", "")
    assert row().sealed not in history
    assert "secret" not in repr(address_of("robot"))


@pytest.mark.usefixtures("ledger")
def test_a_key_can_be_taken_away_and_a_channel_forgotten() -> None:
    keep_address("robot", URL, KEY, actor="desk")
    keep_address("robot", key="", actor="desk")
    assert address_of("robot") == Address(URL)
    assert not row().has_key
    forget_address("robot", actor="desk")
    assert address_of("robot") is None


@pytest.mark.usefixtures("ledger")
def test_the_key_file_is_made_when_first_needed_and_is_its_owners_alone(home: Path) -> None:
    assert address_of("robot") is None
    seal_by_newest_key()
    assert not key_file().exists()
    with ThreadPoolExecutor(8) as pool:
        keys = {future.result() for future in [pool.submit(sealing_key) for _each in range(8)]}
    assert keys == {key_file().read_text().strip()}
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["secret.key"]


@pytest.mark.only_for("root")
def test_a_key_made_by_root_belongs_to_the_homes_owner(home: Path) -> None:
    os.chown(home, 65534, 65534)
    sealing_key()
    assert (key_file().stat().st_uid, stat.S_IMODE(key_file().stat().st_mode)) == (65534, 0o600)


def test_a_key_file_that_is_none_is_named_and_never_followed_elsewhere(home: Path) -> None:
    elsewhere = home / "elsewhere"
    elsewhere.write_bytes(Fernet.generate_key())
    key_file().symlink_to(elsewhere)
    with pytest.raises(NoSecretKey, match=r"secret\.key"):
        known_keys()
    key_file().unlink()
    key_file().write_text("no key")
    with pytest.raises(NoSecretKey, match=r"secret\.key"):
        sealing_key()
    key_file().unlink()
    os.mkfifo(key_file())
    with pytest.raises(NoSecretKey, match=r"secret\.key"):
        known_keys()


@pytest.mark.usefixtures("ledger")
def test_a_lost_key_is_told_with_the_channels_name_and_what_to_do() -> None:
    keep_address("robot", URL, KEY, actor="desk")
    key_file().unlink()
    for act in (lambda: kept_channel("robot"), lambda: kept_channel("robot").reach()):
        with pytest.raises(DeliveryDelayed, match=r"robot.*LUODI_SECRET_KEY.*secret\.key.*文件收发台"):
            act()
    with pytest.raises(NoSecretKey, match="robot"):  # a machine without the key seals nothing by one of its own
        keep_address("another", OTHER_URL, actor="channels")
    assert not key_file().exists()
    forget_address("robot", actor="desk")
    keep_address("robot", OTHER_URL, actor="desk")
    assert address_of("robot") == Address(OTHER_URL)


@pytest.mark.usefixtures("ledger")
def test_a_key_is_changed_by_naming_the_new_one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_address("robot", URL, KEY, actor="desk")
    changed_at = row().changed_at
    plain = base64.b64encode(b"\xfb\xff" * 16).decode()  # as openssl prints it, with + and /
    newest = Fernet.generate_key().decode()
    for keys in (plain, f"{newest},{plain}", f" {newest} "):
        monkeypatch.setenv("LUODI_SECRET_KEY", keys)
        seal_by_newest_key()
        key_file().unlink(missing_ok=True)
        assert address_of("robot") == Address(URL, KEY)
    assert row().changed_at == changed_at
    monkeypatch.setenv("LUODI_SECRET_KEY", plain)
    with pytest.raises(NoSecretKey, match="robot"):
        address_of("robot")


@pytest.mark.usefixtures("ledger")
def test_what_was_sealed_for_one_channel_is_not_taken_for_another() -> None:
    keep_address("robot", URL, KEY, actor="desk")
    keep_address("leader", OTHER_URL, actor="desk")
    with transaction() as session:
        session.execute(update(Channel).where(Channel.name == "leader").values(sealed=row().sealed))
    with pytest.raises(NoSecretKey, match="leader"):
        address_of("leader")


@pytest.mark.parametrize("value", ["secret", ",", "a" * 43, base64.b64encode(b"short").decode()])
def test_a_setting_that_is_no_key_is_named_without_being_shown(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LUODI_SECRET_KEY", value)
    with pytest.raises(WrongSetting, match=r"LUODI_SECRET_KEY=\*\*\*.*openssl rand"):
        settings()
