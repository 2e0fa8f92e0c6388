"""The outbound client: where it goes, and above all where it does not."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crosspost.domain.errors import BadInput
from crosspost.outside.http import (
    AddressRefused,
    ConnectFailed,
    Interrupted,
    Outbound,
    OutboundError,
    Resolver,
    TooLarge,
)
from tests.local_server import PUBLIC, Fence, LocalServer, Reply, Request, serving

FORBIDDEN = [
    # IPv4: this network, private, shared, loopback, link-local and cloud metadata
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.254",
    "127.0.0.1", "127.0.0.53", "127.1.2.3", "127.255.255.255", "169.254.0.1", "169.254.169.254",
    "169.254.170.2", "172.16.0.1", "172.17.0.1", "172.31.255.255", "192.168.0.1", "192.168.1.254",
    # IPv4: assignments, documentation, relays, benchmarks, multicast, reserved, broadcast
    "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.0.192", "192.0.2.1", "192.52.193.1", "192.88.99.1", "198.18.0.1",
    "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "224.0.0.251", "239.255.255.250", "240.0.0.1",
    "254.1.2.3", "255.255.255.255",
    # IPv6: unspecified, loopback, link-local, site-local, unique local, multicast, discard, documentation
    "::", "::1", "fe80::1", "febf::1", "fec0::1", "feff::1", "fc00::1", "fd00::2", "fd00:ec2::254", "ff02::1",
    "ff0e::1", "100::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1",
    # IPv6 around IPv4: mapped, compatible, NAT64, local NAT64, 6to4, Teredo, ORCHID, benchmark, translated
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::c0a8:101", "64:ff9b:1::7f00:1", "2002:7f00:1::",
    "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:2::1", "::ffff:0:127.0.0.1",
]  # fmt: skip


def test_there_are_enough_forbidden_addresses() -> None:
    assert len(set(FORBIDDEN)) == len(FORBIDDEN) >= 60


@pytest.fixture
def fence(monkeypatch: pytest.MonkeyPatch) -> Fence:
    return Fence(monkeypatch)


@pytest.fixture
def serve(fence: Fence) -> Iterator[Callable[[Callable[[Request], Reply]], LocalServer]]:
    """Start a local server that the fence lets pass, also as http://site.example."""
    opened: list[LocalServer] = []

    def start(answer: Callable[[Request], Reply]) -> LocalServer:
        server = LocalServer(answer)
        opened.append(server)
        fence.doors.add(server.port)
        fence.mapped[(PUBLIC, 80)] = server.port
        return server

    yield start
    for server in opened:
        server.close()


Serve = Callable[[Callable[[Request], Reply]], LocalServer]


def on_the_internet(host: str, port: int) -> list[str]:
    return [PUBLIC]


def _url(address: str) -> str:
    return f"http://[{address}]/latest/meta-data?token=canary" if ":" in address else f"http://{address}/latest"


@pytest.mark.parametrize("address", FORBIDDEN)
def test_forbidden_literal(address: str, fence: Fence) -> None:
    for configured in (False, True):
        with pytest.raises(AddressRefused) as refused:
            Outbound().send("GET", _url(address), configured=configured)
        assert "canary" not in str(refused.value)
    assert fence.connects == []


@pytest.mark.parametrize("address", FORBIDDEN)
def test_forbidden_behind_a_name(address: str, fence: Fence) -> None:
    for answers in ([address], [PUBLIC, address], [address, PUBLIC]):
        with pytest.raises(AddressRefused):
            Outbound(resolve=lambda host, port, answers=answers: answers).send("GET", "https://site.example/feed")  # type: ignore[misc]
    assert fence.connects == []


@pytest.fixture(scope="module")
def redirecting() -> Iterator[LocalServer]:
    def answer(request: Request) -> Reply:
        address = request.path.removeprefix("/to/")
        location = f"http://[{address}]/" if ":" in address else f"http://{address}/"
        return Reply(302, {"Location": location})

    with serving(answer) as server:
        yield server


@pytest.mark.parametrize("address", FORBIDDEN)
def test_forbidden_after_a_redirect(address: str, fence: Fence, redirecting: LocalServer) -> None:
    fence.doors.add(redirecting.port)
    client = Outbound(private_origins=frozenset({redirecting.origin}))
    with pytest.raises(AddressRefused):
        client.send("GET", f"{redirecting.origin}/to/{address}", configured=True, redirects=3)
    assert fence.connects == [("127.0.0.1", redirecting.port)]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_forbidden_on_the_second_look_up(address: str, fence: Fence) -> None:
    """A resolver that tells a good address first and a bad one after: the check and the connection share
    one answer."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else [address]

    client = Outbound(resolve=rebinding)
    with pytest.raises(ConnectFailed):
        client.send("POST", "http://site.example/inbox", content=b"x")
    assert asked == ["site.example"]
    assert fence.connects == [(PUBLIC, 80)]
    with pytest.raises(AddressRefused):
        client.send("POST", "http://site.example/inbox", content=b"x")
    assert fence.connects == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://0x7f000001/", "http://127.1/",
        "http://127.0.1/", "http://0/", "http://127.0.0.1./", "http://127.0.0.01/", "http://1.2.3.4.5/", "http://256.1.1.1/",
        "http://１２７.0.0.1/", "http://127。0。0。1/", "http://①②⑦.0.0.1/", "http://[::1%25lo]/", "http://[fe80::1%eth0]/",
        "http://[v1.fe80]/", "http://[::1/", "http://[]/", "http://::1/", "http://site.example@127.0.0.1/",
        "http://user:secret@93.184.216.34/", "http://127.0.0.1\\@site.example/", "http:\\\\127.0.0.1/",
        "http://site.example\r\nX-Evil: 1/", "http://site.example/\r\nHost: 127.0.0.1", "http://site.example\t/",
        "http://site .example/", "http://%31%32%37.0.0.1/", "http://site%00.example/", "http://site..example/",
        "http://.example/", "http:///path", "http:/127.0.0.1/", "//127.0.0.1/", "/etc/passwd", "", "file:///etc/passwd",
        "ftp://93.184.216.34/", "gopher://93.184.216.34/", "ws://93.184.216.34/",
        "javascript:alert(1)", "data:text/html,x",
        "http://93.184.216.34:22/", "http://93.184.216.34:0/", "http://93.184.216.34:99999/", "http://93.184.216.34:8080/",
        "http://93.184.216.34:+80/", "http://93.184.216.34:８０/", "http://-site.example/", "http://ex＠ample/",
        "http://exa℀mple.com/", "http://site.example/\u2028x",
        "http://" + "a" * 64 + ".example/", "http://" + "a." * 130 + "example/",
        "unix:///run/docker.sock", "http+unix://%2Frun%2Fdocker.sock/",
    ],
)  # fmt: skip
def test_ambiguous_addresses_are_refused(url: str, fence: Fence) -> None:
    with pytest.raises(AddressRefused):
        Outbound(resolve=on_the_internet).send("GET", url, configured=True)
    assert fence.connects == []


@pytest.mark.parametrize("name", ["localhost", "localhost.", "LOCALHOST"])
def test_names_of_this_machine(name: str, fence: Fence) -> None:
    with pytest.raises(AddressRefused):
        Outbound().send("GET", f"http://{name}/")
    assert fence.connects == []


@pytest.mark.parametrize(
    "good", [PUBLIC, "::ffff:93.184.216.34", "64:ff9b::5db8:d822", "2606:2800:220:1::1", "1.1.1.1"]
)
def test_public_addresses_are_reached(good: str, fence: Fence) -> None:
    with pytest.raises(ConnectFailed):
        Outbound(resolve=lambda host, port: [good]).send("GET", "https://bücher.example/")
    assert [port for _, port in fence.connects] == [443]


def test_a_private_origin_counts_only_for_configured_addresses(serve: Serve, fence: Fence) -> None:
    server = serve(lambda request: Reply(body=b"ok"))
    client = Outbound(private_origins=frozenset({server.origin}))
    assert client.send("GET", f"{server.origin}/a", configured=True).body == b"ok"
    with pytest.raises(AddressRefused):
        client.send("GET", f"{server.origin}/a")
    with pytest.raises(AddressRefused):
        client.send("GET", f"https://127.0.0.1:{server.port}/a", configured=True)  # another scheme
    with pytest.raises(AddressRefused):
        client.send("GET", "http://127.0.0.1/a", configured=True)  # another port
    with pytest.raises(AddressRefused):
        client.send("GET", f"http://localhost:{server.port}/a", configured=True)  # another host
    assert len(fence.connects) == len(server.requests) == 1


@pytest.mark.parametrize(
    "origin", ["127.0.0.1:8080", "http://127.0.0.1:8080/api", "http://u@127.0.0.1", "http://127.1"]
)
def test_a_wrong_private_origin_is_told(origin: str) -> None:
    with pytest.raises(BadInput, match="origin"):
        Outbound(private_origins=frozenset({origin}))


def test_a_redirect_never_leads_to_a_private_origin(serve: Serve, fence: Fence) -> None:
    """Not even to one from the configuration, not even from itself."""
    server = serve(lambda request: Reply(302, {"Location": "/second"}))
    client = Outbound(private_origins=frozenset({server.origin}))
    with pytest.raises(AddressRefused):
        client.send("GET", f"{server.origin}/first", configured=True, redirects=3)
    assert [request.path for request in server.requests] == ["/first"]


def test_redirects_are_followed_and_counted(serve: Serve) -> None:
    def answer(request: Request) -> Reply:
        left = int(request.path.rpartition("/")[2])
        return Reply(301, {"Location": f"{left - 1}"}) if left else Reply(body=b"there")

    server = serve(answer)
    client = Outbound(resolve=on_the_internet)
    answered = client.send("GET", "http://site.example/hop/3", redirects=3)
    assert (answered.status, answered.body, answered.url) == (200, b"there", "http://site.example/hop/0")
    with pytest.raises(OutboundError, match="more than 3 redirects"):
        client.send("GET", "http://site.example/hop/4", redirects=3)
    assert client.send("GET", "http://site.example/hop/4").status == 301
    before = len(server.requests)
    assert client.send("POST", "http://site.example/hop/4", content=b"x", redirects=3).status == 301
    assert len(server.requests) == before + 1


def test_each_hop_is_resolved_and_checked_again(serve: Serve, fence: Fence) -> None:
    serve(lambda request: Reply(307, {"Location": "http://other.example/"}))
    answers = {"site.example": [PUBLIC], "other.example": ["169.254.169.254"]}
    with pytest.raises(AddressRefused):
        Outbound(resolve=lambda host, port: answers[host]).send("GET", "http://site.example/", redirects=3)
    assert fence.connects == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "http://[::1", "http://a b/", "//127.0.0.1:9/", "http://u@h/"]
)
def test_a_redirect_to_nonsense(location: str, serve: Serve) -> None:
    serve(lambda request: Reply(302, {"Location": location}))
    with pytest.raises(AddressRefused):
        Outbound(resolve=on_the_internet).send("GET", "http://site.example/", redirects=3)


def test_credentials_stay_with_their_origin(serve: Serve) -> None:
    def answer(request: Request) -> Reply:
        here = {"/a": "/b", "/b": "http://other.example/c"}.get(request.path)
        return Reply(302, {"Location": here}) if here else Reply()

    server = serve(answer)
    Outbound(resolve=on_the_internet).send(
        "GET", "http://site.example/a", headers={"Authorization": "Bearer canary", "Accept": "text/x"}, redirects=3
    )
    assert [request.headers.get("authorization") for request in server.requests] == ["Bearer canary"] * 2 + [None]
    assert server.requests[2].headers["accept"] == "text/x"


BOMB = gzip.compress(bytes(60_000_000), 9)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", BOMB),
        ("x-gzip", BOMB),
        ("deflate", zlib.compress(bytes(60_000_000), 9)),
        ("deflate", zlib.compress(bytes(60_000_000), 9)[2:-4]),
        ("gzip", gzip.compress(bytes(400_000)) * 20),
        ("", bytes(1_000_001)),
    ],
)
def test_too_large(encoding: str, body: bytes, serve: Serve) -> None:
    server = serve(lambda request: Reply(headers={"Content-Encoding": encoding}, body=body))
    client = Outbound(private_origins=frozenset({server.origin}), max_bytes=1_000_000)
    tracemalloc.start()
    with pytest.raises(TooLarge):
        client.send("GET", server.origin, configured=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000  # the cap and the libraries, not the 60 MB inside


def test_an_endless_answer_is_cut(serve: Serve) -> None:
    written = itertools.count()

    def endless() -> Iterator[bytes]:
        while True:
            next(written)
            yield bytes(65_536)

    server = serve(lambda request: Reply(chunks=endless))
    client = Outbound(private_origins=frozenset({server.origin}), max_bytes=1_000_000)
    with pytest.raises(TooLarge):
        client.send("GET", server.origin, configured=True)
    assert next(written) < 1_000  # a few socket buffers past the cap, not the whole stream


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"bonjour", mtime=0)),
        ("deflate", zlib.compress(b"bonjour")),
        ("deflate", zlib.compress(b"bonjour")[2:-4]),
        ("gzip", gzip.compress(b"bon", mtime=0) + gzip.compress(b"jour", mtime=0)),
        ("identity", b"bonjour"),
    ],
)
def test_compressed_answers(encoding: str, body: bytes, serve: Serve) -> None:
    server = serve(lambda request: Reply(headers={"Content-Encoding": encoding}, body=body))
    client = Outbound(private_origins=frozenset({server.origin}), max_bytes=max(7, len(body)))
    assert client.send("GET", server.origin, configured=True).body == b"bonjour"
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("encoding", "body"), [("gzip", b"no gzip"), ("br", b"x"), ("gzip, gzip", BOMB), ("deflate", b"\xff" * 9)]
)
def test_broken_compression_is_an_unknown_outcome(encoding: str, body: bytes, serve: Serve) -> None:
    server = serve(lambda request: Reply(headers={"Content-Encoding": encoding}, body=body))
    with pytest.raises(Interrupted) as failure:
        Outbound(private_origins=frozenset({server.origin})).send("POST", server.origin, configured=True)
    assert failure.value.sent


def test_a_cut_off_answer_is_an_unknown_outcome(serve: Serve) -> None:
    server = serve(lambda request: Reply(headers={"Content-Length": "100"}, chunks=lambda: iter([b"x" * 10])))
    with pytest.raises(Interrupted):
        Outbound(private_origins=frozenset({server.origin})).send("POST", server.origin, configured=True)


def test_a_slow_drip_ends_at_the_deadline(serve: Serve) -> None:
    stop = threading.Event()

    def drip() -> Iterator[bytes]:
        while not stop.wait(0.05):
            yield b"."

    server = serve(lambda request: Reply(chunks=drip))
    started = time.monotonic()
    with pytest.raises(Interrupted, match="timed out"):
        Outbound(private_origins=frozenset({server.origin}), timeout_s=0.4).send("GET", server.origin, configured=True)
    assert time.monotonic() - started < 2
    stop.set()


def _silent_port() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_a_silent_server_is_unknown_and_a_silent_handshake_is_not_sent(fence: Fence) -> None:
    with _silent_port() as listener:
        port = listener.getsockname()[1]
        fence.doors.add(port)
        origins = frozenset({f"http://127.0.0.1:{port}", f"https://127.0.0.1:{port}"})
        client = Outbound(private_origins=origins, timeout_s=0.3)
        with pytest.raises(Interrupted) as unknown:
            client.send("POST", f"http://127.0.0.1:{port}/", configured=True, content=b"x")
        with pytest.raises(ConnectFailed) as unsent:
            client.send("POST", f"https://127.0.0.1:{port}/", configured=True, content=b"x")
    assert (unknown.value.sent, unsent.value.sent) == (True, False)


def test_a_closed_port_proves_that_nothing_was_sent() -> None:
    with _silent_port() as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(ConnectFailed) as failure:
        Outbound(private_origins=frozenset({origin})).send("POST", origin, configured=True, content=b"x")
    assert not failure.value.sent


def test_a_slow_resolver_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch, fence: Fence) -> None:
    stop = threading.Event()

    def hang(*args: object, **kwargs: object) -> list[object]:
        stop.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started = time.monotonic()
    with pytest.raises(ConnectFailed, match="timed out"):
        Outbound(timeout_s=0.2).send("GET", "http://site.example/")
    stop.set()
    assert time.monotonic() - started < 2
    assert fence.connects == []


def test_an_unknown_name_proves_that_nothing_was_sent(fence: Fence) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    resolvers: list[Resolver] = [unknown, lambda host, port: []]
    for resolver in resolvers:
        with pytest.raises(ConnectFailed, match="not found"):
            Outbound(resolve=resolver).send("GET", "http://site.example/")
    assert fence.connects == []


def test_a_certificate_nobody_signed_proves_that_nothing_was_sent(tmp_path: Path, fence: Fence) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    seen: list[bytes] = []
    with _silent_port() as listener:
        port = listener.getsockname()[1]
        fence.doors.add(port)

        def shake() -> None:
            connection, _ = listener.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as tls:
                    seen.append(tls.recv(100))
            except OSError:
                connection.close()

        thread = threading.Thread(target=shake)
        thread.start()
        origin = f"https://127.0.0.1:{port}"
        with pytest.raises(ConnectFailed, match="certificate"):
            Outbound(private_origins=frozenset({origin})).send("POST", origin, configured=True, content=b"secret")
        thread.join()
    assert b"".join(seen) == b""


def _self_signed(folder: Path) -> Path:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "self-signed.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch, serve: Serve, fence: Fence) -> None:
    server = serve(lambda request: Reply(body=b"direct"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    client = Outbound(private_origins=frozenset({server.origin}))
    assert client.send("GET", server.origin, configured=True).body == b"direct"
    assert fence.connects == [("127.0.0.1", server.port)]


def test_every_request_has_its_own_connection(serve: Serve, fence: Fence) -> None:
    server = serve(lambda request: Reply(body=b"ok", headers={"Connection": "keep-alive", "Set-Cookie": "a=b"}))
    client = Outbound(private_origins=frozenset({server.origin}))
    for _ in range(3):
        client.send("POST", server.origin, configured=True, json={})
    assert len(fence.connects) == 3
    assert {request.headers["connection"] for request in server.requests} == {"close"}
    assert not any("cookie" in request.headers for request in server.requests)


def test_bodies_and_parameters(serve: Serve) -> None:
    server = serve(lambda request: Reply(body=request.body))
    client = Outbound(private_origins=frozenset({server.origin}))

    def send(**body: object) -> bytes:
        return client.send("POST", f"{server.origin}/p?a=1", configured=True, **body).body  # type: ignore[arg-type]

    assert send(json={"é": [1]}) == '{"é":[1]}'.encode()
    assert send(form={"q": "thé vert"}) == b"q=th%C3%A9+vert"
    assert send(content="brut") == b"brut"
    assert b'filename="a.png"' in send(files={"file": ("a.png", b"\x89PNG", "image/png")})
    client.send("GET", f"{server.origin}/p?a=1", configured=True, params={"b": ["x", "y"]})
    assert server.requests[-1].path == "/p?a=1&b=x&b=y"


def test_failures_tell_no_path_query_or_header(serve: Serve) -> None:
    with _silent_port() as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = serve(lambda request: Reply(headers={"Content-Length": "9"}, chunks=lambda: iter([b"canary"])))
    client = Outbound(private_origins=frozenset({origin, server.origin}), timeout_s=1)
    tries: list[tuple[str, dict[str, str]]] = [
        (f"{origin}/canary?access_token=canary", {"authorization": "Bearer canary"}),
        (f"{server.origin}/canary?access_token=canary", {"authorization": "Bearer canary"}),
        (f"{server.origin}/", {"authorization": "Bearer canary\r\nx: y"}),
        ("http://user:canary@site.example/", {}),
        ("http://127.0.0.1:1/canary?canary", {}),
    ]
    for url, headers in tries:
        with pytest.raises(OutboundError) as failure:
            client.send("GET", url, configured=True, headers=headers)
        chain: BaseException | None = failure.value
        while chain is not None:
            assert "canary" not in f"{chain!r} {chain}"
            chain = chain.__cause__ or chain.__context__
    assert "canary" not in repr(Outbound(private_origins=frozenset({server.origin})))


def test_an_answer_does_not_show_its_body(serve: Serve) -> None:
    server = serve(lambda request: Reply(body=b'{"access_token": "canary"', headers={"X-Token": "canary"}))
    answer = Outbound(private_origins=frozenset({server.origin})).send(
        "GET", f"{server.origin}/?canary", configured=True
    )
    assert "canary" not in repr(answer)
    with pytest.raises(ValueError, match="status 200") as broken:
        answer.json()
    assert "canary" not in f"{broken.value} {broken.value.__context__!r}"
    assert answer.headers["x-token"] == "canary"


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/html; charset=ISO-8859-1", "é".encode("latin-1"), "é"),
        ('text/html; charset="utf-8"', "é".encode(), "é"),
        ("text/html", "é".encode(), "é"),
        ("text/html; charset=nonsense", "é".encode(), "é"),
        ("text/html", b"\xff", "\ufffd"),
    ],
)
def test_text_of_an_answer(content_type: str, body: bytes, text: str, serve: Serve) -> None:
    server = serve(lambda request: Reply(body=body, headers={"Content-Type": content_type}))
    client = Outbound(private_origins=frozenset({server.origin}))
    assert client.send("GET", server.origin, configured=True).text() == text
