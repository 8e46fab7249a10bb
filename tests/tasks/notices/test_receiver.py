"""A receiver that keeps us waiting is left at the deadline, whatever it does."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from support.programs import hostile_receiver as hostile
from support.programs.ports import free_port
from support.programs.receiver import KEY, receiving
from tasks.notices import receiver, webhook
from tasks.notices.receiver import Silence, WrongAddress, ask, web_address
from tasks.notices.webhook import DeliveryDelayed, DeliveryRefused, LuodiWebhook, NoAnswer

DEADLINE = 1.0  # seconds; in earnest 20
SLACK = 1.5  # seconds by which a busy machine may be late
LARGE = {"markdown": "家具" * 5_000_000}  # more than any buffer on the way takes


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "POST_SECONDS", DEADLINE)
    monkeypatch.setattr(webhook, "REACH_SECONDS", DEADLINE)
    monkeypatch.setattr(webhook, "PAUSES", (0.05, 0.05, 0.05))


def hook(address: str) -> LuodiWebhook:
    return LuodiWebhook(url=SecretStr(address), key=SecretStr(KEY))


@contextmanager
def in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < DEADLINE + SLACK


@pytest.mark.parametrize(
    ("misbehave", "scheme", "body"),
    [
        (hostile.silence, "http", {}),
        (hostile.trickled_headers, "http", {}),
        (hostile.trickled_status, "http", {}),
        (hostile.endless_1xx, "http", {}),
        (hostile.flood_of_1xx, "http", {}),
        (hostile.unread, "http", LARGE),
        (hostile.unread, "https", {}),
        (hostile.trickled_status, "https", {}),
        (hostile.failing_slowly, "http", {}),
    ],
)
def test_a_post_ends_at_its_deadline_whatever_the_receiver_does(misbehave, scheme, body):
    with hostile.receiving(misbehave, scheme) as address, in_time(), pytest.raises(DeliveryDelayed) as delay:
        hook(address).post(body, "1")
    assert "topsecret" not in str(delay.value)
    assert "127.0.0.1" not in str(delay.value)


@pytest.mark.parametrize("misbehave", [hostile.trickled_headers, hostile.endless_1xx, hostile.silence])
def test_to_reach_a_receiver_takes_no_longer_either(misbehave):
    with hostile.receiving(misbehave) as address, in_time(), pytest.raises(NoAnswer):
        hook(address).reach()


def test_a_body_without_end_is_not_waited_for():
    with hostile.receiving(hostile.endless_body) as address, in_time():
        hook(address).post({}, "1")


def test_a_name_that_is_never_found_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    over = threading.Event()

    def hangs(*_arguments: object, **_options: object) -> list[object]:
        over.wait()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    try:
        with in_time(), pytest.raises(NoAnswer):
            hook("https://oapi.example/hook").post({}, "1")
    finally:
        over.set()


def test_the_second_address_of_a_name_is_tried_when_the_first_does_not_answer(monkeypatch: pytest.MonkeyPatch):
    with receiving() as good:
        port = int(good.address.split(":")[2].split("/")[0])
        entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.9", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: entries)
        hook(f"http://oa.example:{port}/notices").post({}, "1")
    assert [message.is_signed for message in good.messages] == [True]


@pytest.mark.parametrize(
    ("misbehave", "why"),
    [(hostile.garbage, "不是HTTP"), (hostile.hang_up, "断开了连接")],
)
def test_why_there_was_no_answer_is_told_in_plain_words(misbehave, why):
    with hostile.receiving(misbehave) as address, pytest.raises(NoAnswer, match=why):
        hook(address).post({}, "1")


def test_nobody_listening_and_an_unknown_name_are_told(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(NoAnswer, match="无人监听"):
        hook(f"http://127.0.0.1:{free_port()}/").reach()

    def fails(*_arguments: object, **_options: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(NoAnswer, match="域名查不到"):
        hook("http://oa.example/").reach()


WRONG = [
    "gopher://oa.office/hook",
    "ftp://oa.office/hook",
    "file:///etc/passwd",
    "oa.office/hook",
    "https://oa..puyang.gov.cn/hook",
    f"https://{'a' * 64}.cn/",
    f"https://{'a.' * 127}cn/",
    "http:///hook",
    "https://oa.office:0/hook",
    "https://oa.office:99999/hook",
    "https://oa.office/hook\r\nX-Evil: 1",
    "https://oa office/hook",
    "https://[oa]/hook",
    "",
]


@pytest.mark.parametrize("address", WRONG)
def test_an_address_that_is_none_is_refused_without_being_named(address: str):
    for act in (lambda: hook(address).reach(), lambda: hook(address).post({}, "1")):
        with pytest.raises(DeliveryRefused, match="地址") as refusal:
            act()
        assert not address or address not in str(refusal.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://oa.office/hook?token=家具#part",
        " http://10.0.0.7:8443/ ",
        "http://[fe80::1]:80/",
        "https://招商.濮阳.cn/",
        "http://user:p%40ss@oa_1.office./",
    ],
)
def test_what_offices_write_is_an_address(address: str):
    assert web_address(address).host


@pytest.fixture(scope="module")
def statuses() -> Iterator[str]:
    """A receiver that answers with the status that its path names."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_response(int(self.path[1:]))
            self.send_header("Location", "/200")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_POST = answer  # noqa: N815 - the base class's names

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("status", [200, 204, 302, 401, 404, 405, 429, 501])
def test_a_receiver_that_answers_at_all_is_reached_and_we_say_what_was_learnt(statuses: str, status: int):
    assert f"{status}" in hook(f"{statuses}/{status}").reach()


@pytest.mark.parametrize(("status", "error"), [(500, DeliveryDelayed), (503, DeliveryDelayed), (301, DeliveryRefused)])
def test_a_receiver_that_could_take_no_message_is_not_called_reached(statuses: str, status: int, error: type):
    with pytest.raises(error, match=str(status)):
        hook(f"{statuses}/{status}").reach()


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 410])
def test_what_will_not_heal_is_refused_and_no_redirect_is_followed(statuses: str, status: int):
    with pytest.raises(DeliveryRefused, match=str(status)):
        hook(f"{statuses}/{status}").post({}, "1")


@pytest.mark.parametrize(("method", "pauses", "tries"), [("POST", (0.0, 0.0), 3), ("HEAD", (), 1)])
def test_only_what_heals_is_tried_again(method: str, pauses: tuple[float, ...], tries: int):
    with receiving() as busy:
        busy.always = 503
        assert ask("POST", busy.address, seconds=5, content=b"{}", pauses=pauses).status == 503
        assert len(busy.messages) == tries, method
        busy.always = 500
        busy.statuses = [429, 200]
        assert ask("POST", busy.address, seconds=5, content=b"{}", pauses=(0.0,)).status == 200


@pytest.mark.parametrize(
    ("status", "says", "error", "why"),
    [
        (200, '{"errcode":93000,"errmsg":"invalid webhook url"}', DeliveryRefused, "93000 invalid webhook"),
        (200, '{"errcode":310000,"errmsg":"keywords not in content"}', DeliveryRefused, "keywords not"),
        (200, '{"code":19024,"msg":"Key Words Not Found"}', DeliveryRefused, "19024 Key Words"),
        (200, '{"errcode":45009,"errmsg":"api freq out of limit"}', DeliveryDelayed, "45009 api freq"),
        (400, '{"code":9499,"msg":"too many request"}', DeliveryDelayed, "too many"),  # as Feishu answers
        (404, '{"code":404,"msg":"no such hook"}', DeliveryRefused, "no such hook"),
        (200, "<!DOCTYPE html><title>统一登录</title>", DeliveryRefused, "登录页面"),
    ],
)
def test_an_answer_of_200_with_an_error_in_its_body_is_no_delivery(status: int, says: str, error: type, why: str):
    with receiving() as robot:
        robot.always, robot.says = status, says
        with pytest.raises(error, match=why) as refusal:
            hook(robot.address).post({}, "1")
        assert len(robot.messages) == 1, "what is too much now is not sent again at once"
    assert str(status) in str(refusal.value)


@pytest.mark.parametrize("says", ["", "ok", '{"errcode":0,"errmsg":"ok"}', '{"code":200}', "x" * 10_000_000])
def test_an_answer_without_an_error_in_its_body_is_a_delivery(says: str):
    with receiving() as robot:
        robot.says = says
        hook(robot.address).post({}, "1")
    assert [message.is_signed for message in robot.messages] == [True]


def test_a_receivers_words_repeat_nothing_of_the_address_or_the_key():
    with receiving() as robot:
        robot.says = f'{{"errcode":1,"errmsg":"no hook /send?key=topsecret {KEY}"}}'
        with pytest.raises(DeliveryRefused, match="no hook") as refusal:
            hook(f"{robot.address}/send?key=topsecret").post({}, "1")
    assert not any(secret in str(refusal.value) for secret in ("topsecret", KEY))


def certificate(folder: Path, name: str, until: datetime) -> Path:
    """A self-signed certificate and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=30))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}-{until:%Y}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + built.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def encrypted(pem: Path) -> Iterator[str]:
    """A receiver with that certificate; the address of `localhost` there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def serve(connection: socket.socket, _over: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            taken = b""
            while not taken.endswith(b"\r\n\r\n{}"):  # a connection closed with a part unread is reset
                if not (part := secured.recv(65536)):
                    return
                taken += part
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with hostile.receiving(serve, "https") as address:
        yield address.replace("127.0.0.1", "localhost")


@pytest.mark.parametrize(
    ("name", "days", "trusted", "why"),
    [
        ("localhost", 10, False, "自己签发"),
        ("localhost", -10, True, "过期"),
        ("oa.office", 10, True, "另一个域名"),
        ("localhost", 10, True, ""),
    ],
)
def test_a_certificate_that_cannot_be_trusted_is_told(tmp_path, monkeypatch, name, days, trusted, why):
    pem = certificate(tmp_path, name, datetime.now(UTC) + timedelta(days=days))
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    with encrypted(pem) as address:
        if why:
            for act in (hook(address).reach, lambda: hook(address).post({}, "1")):
                with pytest.raises(NoAnswer, match=why):
                    act()
        else:
            hook(address).post({}, "1")


def test_a_receiver_without_encryption_behind_https_is_told():
    with hostile.receiving(hostile.garbage, "https") as address, pytest.raises(NoAnswer, match="加密"):
        hook(address).reach()


def test_messages_go_through_the_proxy_of_the_environment_but_to_our_own_network(monkeypatch: pytest.MonkeyPatch):
    seen: list[bytes] = []

    def proxy(connection: socket.socket, _over: threading.Event) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 204 OK\r\n\r\n")

    with receiving() as inside, hostile.receiving(proxy) as address:
        monkeypatch.setenv("http_proxy", address.replace("http://", "http://user:pass@").split("/hook")[0])
        monkeypatch.setenv("no_proxy", "localhost,127.0.0.0/8")
        hook("http://robot.example/send?token=1").post({}, "1")
        hook(inside.address).post({}, "2")
    assert [message.key for message in inside.messages] == ["2"]
    (request,) = seen
    assert request.startswith(b"POST http://robot.example/send?token=1 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNz" in request


def test_credentials_in_an_address_are_sent_as_such():
    seen: list[bytes] = []

    def note(connection: socket.socket, _over: threading.Event) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 204 OK\r\n\r\n")

    with hostile.receiving(note) as address:
        hook(address.replace("http://", "http://oa:p%40ss@")).post({}, "1")
    assert b"Authorization: Basic b2E6cEBzcw==" in seen[0]
    assert b"@127" not in seen[0]


def test_no_trace_of_a_fault_names_the_address(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(receiver, "_pool", lambda *_arguments: 1 / 0)
    with pytest.raises(Silence) as fault:
        ask("POST", "http://oa.office/?token=topsecret", seconds=1)
    assert "topsecret" not in str(fault.value)
    assert fault.value.__suppress_context__
    with pytest.raises(WrongAddress):
        web_address("http://oa office/topsecret")
