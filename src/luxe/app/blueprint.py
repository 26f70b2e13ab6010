"""Which processes one house consists of, on which ports, with which environment, in which order."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from luxe.app.child import Spec
from luxe.app.engines.engine import Engine, free_port, http_answers, tcp_answers
from luxe.app.engines.envoy import Envoy
from luxe.app.engines.nats import Nats
from luxe.app.engines.postgres import Postgres
from luxe.app.gateway import Upstreams
from luxe.app.premises import ROOT, Options
from luxe.app.stamps import Stamp, digest
from luxe.app.vault import Vault
from luxe.app.wallets import Wallets, simulated

TRADE = (
    "inventory",
    "bag",
    "orders",
    "payments",
    "fulfilment",
    "checkout",
    "cancel",
    "edit_order",
    "exchange",
    "refund",
    "return_item",
)
ALL = ("all",)
CARRIER_PACE = 120
"""Seconds between the scans of a parcel."""
SOURCE = ROOT / "src" / "luxe"


def units_here() -> list[str]:
    """Every folder of services and sagas that has a manifest, then the web (as `registry`, without its imports)."""
    found = [
        path.parent.name
        for floor in ("services", "sagas")
        for path in sorted(SOURCE.glob(f"{floor}/*/manifest.py"))
    ]
    return [*found, "web"]


def shape_of(many: bool) -> dict[str, list[str]]:
    """Serving process → its units. One process, or the web, the trade that must be quick, and the rest."""
    units = units_here()
    if not many:
        return {"house": units}
    rest = [unit for unit in units if unit not in (*TRADE, "web")]
    return {"web": ["web"], "trade": [unit for unit in units if unit in TRADE], "rest": rest}


LUXE = (sys.executable, "-P", "-m", "luxe.app")


@dataclass(frozen=True)
class Task:
    """Something that runs once, before the processes that need it, and again when its stamp is out of date.

    What comes last needs the tables and the outside parties.
    """

    spec: Spec
    stamp: Stamp
    comes_last: bool = False


@dataclass
class Blueprint:
    """`serve` is the command that serves units; tests put a stand-in there."""

    options: Options
    serve: Sequence[str] = (*LUXE, "serve")
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = self.options.data.resolve()
        self.vault = Vault(self.data)
        self.postgres = None if "LUXE_DATABASE_URL" in os.environ else Postgres(self.data)
        self.nats = None if "LUXE_NATS_URL" in os.environ else Nats(self.data)
        self.shape = shape_of(self.options.many)
        for name in ("psp", "carrier", "smtp", "mail", "health", *self.shape):
            self.ports[name] = free_port()
        self.wallets = self._wallets()
        self.gateway = Envoy(self.data, self.options.listen, self.options.port, self.options.public_url)

    def _wallets(self) -> Wallets | None:
        if not self.options.wallets:
            return None
        ports = {name: free_port() for name in simulated()}
        self.ports |= ports
        return Wallets(self.data, self.options.public_url, self.vault.secret("wechat_api_v3_key"), ports)

    @property
    def env(self) -> dict[str, str]:
        """What every process of the house is told."""
        told = {
            "LUXE_DATA": str(self.data),
            "LUXE_PUBLIC_URL": self.options.public_url,
            "LUXE_SECRET": self.vault.secret("secret"),
            "LUXE_PSP_URL": f"http://127.0.0.1:{self.ports['psp']}/psp",
            "LUXE_PSP_KEY": self.vault.secret("psp_key"),
            "LUXE_PSP_WEBHOOK_SECRET": self.vault.secret("psp_webhook_secret"),
            "LUXE_CARRIER_URL": f"http://127.0.0.1:{self.ports['carrier']}/carrier",
            "LUXE_CARRIER_KEY": self.vault.secret("carrier_key"),
            "LUXE_CARRIER_WEBHOOK_SECRET": self.vault.secret("carrier_webhook_secret"),
            "LUXE_SMTP_HOST": "127.0.0.1",
            "LUXE_SMTP_PORT": str(self.ports["smtp"]),
        }
        if self.wallets:
            told["LUXE_PAYMENT_PROVIDERS"] = self.wallets.providers()
        engines: dict[str, Engine | None] = {"LUXE_DATABASE_URL": self.postgres, "LUXE_NATS_URL": self.nats}
        addresses = {name: engine.url if engine else os.environ[name] for name, engine in engines.items()}
        return told | addresses

    @property
    def urls(self) -> dict[str, str]:
        public = self.options.public_url
        shown = self.wallets.ports if self.wallets else {}
        phone = {"WeChat phone": f"{public}/wechat_pay/phone"} if "wechat_pay" in shown else {}
        return phone | {
            "storefront": f"{public}/",
            "office": f"{public}/office",
            "API reference": f"{public}/docs",
            "mail sink": f"{public}/mail/",
            "psp control": f"http://127.0.0.1:{self.ports['psp']}/psp/control",
            "carrier control": f"http://127.0.0.1:{self.ports['carrier']}/carrier/control",
            "mail control": f"http://127.0.0.1:{self.ports['mail']}/mail/control",
            "gateway admin": f"http://127.0.0.1:{self.gateway.admin_port}/",
        }

    def engines(self) -> list[Spec]:
        """PostgreSQL and NATS, prepared to be started, unless settings name others."""
        own = [engine for engine in (self.postgres, self.nats) if engine]
        for engine in own:
            engine.prepare()
        return [engine.spec() for engine in own]

    def outside(self) -> list[Spec]:
        """The simulators of the payment provider, the carrier and the wallets that are wanted, and the mail sink."""
        wallets = self.wallets.specs() if self.wallets else []
        return [self._psp(), self._carrier(), self._mail(), *wallets]

    def tasks(self) -> list[Task]:
        migrations = digest(SOURCE.glob("**/migrations/*.py"))
        everything = digest(SOURCE.glob("**/*.py"))
        stamps = self.data / "stamps"
        tasks = [
            Task(self._once("migrate"), Stamp(stamps / "migrate", migrations)),
            Task(self._once("derive"), Stamp(stamps / "derive", everything)),
        ]
        if self.options.seed:
            tasks.append(Task(self._once("seed"), Stamp(stamps / "seed", "done"), comes_last=True))
        return tasks

    def servers(self) -> list[Spec]:
        """The processes that serve units, and the gRPC health service that reports on them."""
        return [*(self._serve(name, units) for name, units in self.shape.items()), self._health()]

    def gate(self) -> Spec:
        self.gateway.configure(
            Upstreams(
                units={unit: name for name, units in self.shape.items() for unit in units},
                ports=self.ports,
            )
        )
        self.gateway.prepare()
        return self.gateway.spec()

    def _addresses(self) -> Iterator[tuple[str, str]]:
        for name, units in self.shape.items():
            for unit in units:
                yield unit, f"http://127.0.0.1:{self.ports[name]}"

    def _serve(self, name: str, units: Sequence[str]) -> Spec:
        elsewhere = {unit: address for unit, address in self._addresses() if unit not in units}
        port = self.ports[name]
        return Spec(
            name=name,
            argv=[*self.serve, *(units if self.options.many else ALL)],
            log=self._log(name),
            is_ready=lambda: http_answers(port, "/healthz"),
            ports={"http": port},
            env=self.env
            | {
                "LUXE_PROCESS_NAME": name,
                "LUXE_LISTEN_PORT": str(port),
                "LUXE_SERVICES_AT": json.dumps(elsewhere),
            },
            patience=60,
        )

    def _health(self) -> Spec:
        """Watches the serving processes: it is told where each answers."""
        port = self.ports["health"]
        watched = {name: f"http://127.0.0.1:{self.ports[name]}/healthz" for name in self.shape}
        argv = [*LUXE, "health-service", "--port", str(port), "--watch", json.dumps(watched)]
        return Spec(
            name="health",
            argv=argv,
            log=self._log("health"),
            is_ready=lambda: tcp_answers(port),
            ports={"grpc": port},
        )

    def _psp(self) -> Spec:
        port = self.ports["psp"]
        return Spec(
            name="psp",
            argv=[
                *(
                    sys.executable,
                    "-P",
                    "-m",
                    "luxe_outside.psp",
                    "--port",
                    str(port),
                    "--data",
                    str(self.data / "psp"),
                ),
                *("--public-url", f"{self.options.public_url}/psp", "--parent-death"),
            ],
            log=self._log("psp"),
            is_ready=lambda: http_answers(port, "/psp/health"),
            ports={"http": port},
            env=self.env,
        )

    def _carrier(self) -> Spec:
        port = self.ports["carrier"]
        return Spec(
            name="carrier",
            argv=[
                *(sys.executable, "-P", "-m", "luxe_outside.carrier", "--port", str(port)),
                *("--data", str(self.data / "carrier"), "--pace", str(CARRIER_PACE), "--parent-death"),
            ],
            log=self._log("carrier"),
            is_ready=lambda: http_answers(port, "/carrier/health"),
            ports={"http": port},
            env=self.env,
        )

    def _mail(self) -> Spec:
        port, smtp = self.ports["mail"], self.ports["smtp"]
        return Spec(
            name="mail",
            argv=[
                *(sys.executable, "-P", "-m", "luxe_outside.mail", "--smtp-port", str(smtp)),
                *("--http-port", str(port), "--data", str(self.data / "mail"), "--parent-death"),
            ],
            log=self._log("mail"),
            is_ready=lambda: http_answers(port, "/mail/health"),
            ports={"http": port, "smtp": smtp},
        )

    def _once(self, command: str) -> Spec:
        return Spec(
            name=command, argv=[*LUXE, command], log=self._log(command), is_ready=lambda: True, env=self.env
        )

    def _log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"
