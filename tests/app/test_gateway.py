"""What the gateway lets through, keeps back, repeats and sheds, seen from both sides of a real Envoy."""

import gzip
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest

from luxe.app.engines.envoy import BINARY, Envoy
from tests.app.upstream import Answer, Upstream


@pytest.fixture
def client(gateway: Envoy, upstream: Upstream) -> Iterator[httpx.Client]:
    upstream.answer = lambda seen: Answer(body={"path": seen.path})
    upstream.seen.clear()
    with httpx.Client(base_url=f"http://127.0.0.1:{gateway.port}", timeout=10) as client:
        yield client


def test_the_configuration_is_valid_and_uses_nothing_deprecated(gateway: Envoy) -> None:
    command = [str(BINARY), "--mode", "validate", "-c", str(gateway.config), "--log-level", "warning"]
    done = subprocess.run(command, capture_output=True, text=True)

    assert (done.returncode, done.stdout.strip()) == (0, f"configuration '{gateway.config}' OK")
    assert done.stderr == ""


def test_nobody_outside_can_speak_for_a_principal(client: httpx.Client, upstream: Upstream) -> None:
    client.get("/", headers={"luxe-internal": "1", "Luxe-Principal": "2", "X-Luxe-Actor": "3", "x-kept": "4"})

    [seen] = upstream.seen
    names = {name.lower() for name in seen.headers}
    assert {name for name in names if name.startswith(("luxe-", "x-luxe-"))} == set()
    assert seen.headers["x-kept"] == "4"


def test_a_request_has_an_id_that_both_sides_see(client: httpx.Client, upstream: Upstream) -> None:
    answer = client.get("/", headers={"x-request-id": "chosen-by-a-stranger"})

    [seen] = upstream.seen
    assert len(seen.headers["x-request-id"]) == 36
    assert answer.headers["x-request-id"] == seen.headers["x-request-id"] != "chosen-by-a-stranger"


@pytest.mark.parametrize(
    "path", ["/psp/pay/pi_1", "/mail/", "/v1/stock/7", "/v1/points", "/media/a/b.webp", "/"]
)
def test_paths_reach_whoever_serves_them(client: httpx.Client, path: str) -> None:
    assert client.get(path).json() == {"path": path}


def test_a_simulated_wallet_is_reached_under_its_name(client: httpx.Client) -> None:
    assert client.get("/wechat_pay/pay?prepay_id=1").json() == {"path": "/pay?prepay_id=1"}
    assert client.get("/alipay/gateway.do").json() == {"path": "/gateway.do"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/psp/control", 404),
        ("/psp/control/faults", 404),
        ("/mail/control/faults", 404),
        ("/psp//control/faults", 404),
        ("/psp/x/../control/faults", 404),
        ("/psp/%63ontrol/faults", 404),
        ("/psp/./control", 404),
        ("/psp%2fcontrol/faults", 400),
        ("/wechat_pay/control/pay", 404),
        ("/alipay/%63ontrol/lose", 404),
        ("/metrics", 404),
    ],
)
def test_controls_and_metrics_stay_private(
    client: httpx.Client, upstream: Upstream, gateway: Envoy, path: str, status: int
) -> None:
    url = f"http://127.0.0.1:{gateway.port}{path}"
    done = subprocess.run(
        ["curl", "-s", "--path-as-is", "-w", "%{http_code}", "-o", "/dev/null", url], capture_output=True
    )

    assert done.stdout == str(status).encode()
    assert upstream.seen == []


def test_the_gateways_own_refusals_are_problem_documents(client: httpx.Client) -> None:
    answer = client.get("/metrics")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:luxe:not_found",
        "title": "Not found",
        "status": 404,
        "code": "not_found",
    }


@pytest.mark.parametrize(("method", "tries"), [("GET", 2), ("POST", 1)])
def test_a_read_is_repeated_when_its_connection_breaks_and_a_write_is_not(
    client: httpx.Client, upstream: Upstream, method: str, tries: int
) -> None:
    def answer(seen) -> Answer:
        if len(upstream.seen) == 1:
            raise ConnectionAbortedError("the process was killed while it answered")
        return Answer(body="second try")

    upstream.answer = answer

    answered = client.request(method, "/v1/stock")

    assert len(upstream.seen) == tries
    assert answered.status_code == (200 if method == "GET" else 503)


def test_a_process_that_does_not_run_is_said_to_be_unavailable(client: httpx.Client) -> None:
    answer = client.post("/v1/stock/dead")

    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"


@pytest.mark.parametrize(
    ("accepted", "used"), [("gzip", "gzip"), ("br", "br"), ("br, gzip", "br"), ("", None)]
)
def test_text_is_compressed_as_the_client_accepts_it(
    client: httpx.Client, upstream: Upstream, accepted: str, used: str | None
) -> None:
    page = b"<p>quiet and finished</p>" * 200
    headers = {"content-type": "text/html; charset=utf-8", "etag": '"abc"'}
    upstream.answer = lambda seen: Answer(body=page, headers=headers)

    with client.stream("GET", "/", headers={"accept-encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())

    assert answer.headers.get("content-encoding") == used
    assert answer.headers["etag"] == ('W/"abc"' if used else '"abc"')
    assert (len(raw) < len(page) / 5) is (used is not None)
    if used == "gzip":
        assert gzip.decompress(raw) == page


def test_a_picture_is_left_as_it_is(client: httpx.Client, upstream: Upstream) -> None:
    upstream.answer = lambda seen: Answer(body=b"RIFF" * 500, headers={"content-type": "image/webp"})

    answer = client.get("/media/x.webp", headers={"accept-encoding": "gzip, br"})

    assert "content-encoding" not in answer.headers
    assert answer.content == b"RIFF" * 500


def test_the_gate_sheds_a_flood_and_the_rest_of_the_house_does_not_notice(client: httpx.Client) -> None:
    statuses = [client.post("/v1/sessions").status_code for _ in range(60)]
    last = client.post("/v1/sessions/any/path")

    assert statuses[:20] == [200] * 20
    assert statuses.count(429) > 0
    assert (last.status_code, last.headers["retry-after"], last.json()["code"]) == (
        429,
        "1",
        "too_many_requests",
    )
    assert client.get("/v1/stock").status_code == 200


def test_http_2_is_spoken_without_tls(gateway: Envoy, client: httpx.Client) -> None:
    url = f"http://127.0.0.1:{gateway.port}/"
    command = [
        "curl",
        "-s",
        "--http2-prior-knowledge",
        "-o",
        "/dev/null",
        "-w",
        "%{http_version} %{http_code}",
        url,
    ]

    assert subprocess.run(command, capture_output=True).stdout == b"2 200"


def test_the_access_log_names_the_route_but_neither_path_nor_address(
    client: httpx.Client, gateway: Envoy
) -> None:
    request_id = client.get("/v1/stock/secret-code?token=x").headers["x-request-id"]

    lines = wait_for_line(gateway, request_id)
    assert '"route":"/v1/stock"' in lines
    assert "secret-code" not in lines
    assert "127.0.0.1" not in lines


def wait_for_line(gateway: Envoy, request_id: str) -> str:
    for _ in range(300):
        [line] = [each for each in gateway.log("access").read_text().splitlines() if request_id in each] or [
            ""
        ]
        if line:
            return line
        time.sleep(0.05)
    raise AssertionError("the request was not logged within 15 seconds")
