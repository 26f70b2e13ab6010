"""The trades of the simulator: a value each, and what may happen to one. All of them are in one file, written anew after each change."""

import secrets
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from msgspec import Struct

from luxe_outside import shelf

BEIJING = timezone(timedelta(hours=8))


class Refused(Exception):
    """A business no: `sub_code` of the public error lists."""

    def __init__(self, sub_code: str, message: str):
        super().__init__(message)
        self.sub_code, self.message = sub_code, message


class Back(Struct):
    """A refund; `request` is the merchant's number of it."""

    request: str
    fen: int
    at: float


class Trade(Struct):
    out_trade_no: str
    trade_no: str
    fen: int
    subject: str
    notify_url: str
    return_url: str
    status: str = "WAIT_BUYER_PAY"
    paid_at: float = 0.0
    backs: dict[str, Back] = {}

    @property
    def returned(self) -> int:
        return sum(each.fen for each in self.backs.values())


class Trades:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = shelf.read(file, Trade)

    def find(self, out_trade_no: str) -> Trade:
        trade = self._known.get(out_trade_no)
        if trade is None:
            raise Refused("ACQ.TRADE_NOT_EXIST", "交易不存在")
        return trade

    def all(self) -> list[Trade]:
        return list(self._known.values())

    def open(
        self, out_trade_no: str, fen: int, subject: str, notify_url: str, return_url: str, until: str
    ) -> Trade:
        """The trade that the payer's visit to the cashier makes, or the one that an earlier visit made."""
        known = self._known.get(out_trade_no)
        if known is not None:
            return known
        if until and datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M:%S") > until:
            raise Refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
        number = datetime.now(BEIJING).strftime("%Y%m%d") + f"22001{secrets.randbelow(10**15):015d}"
        trade = Trade(out_trade_no, number, fen, subject, notify_url, return_url, backs={})
        self._known[out_trade_no] = trade
        self._keep()
        return trade

    def pay(self, out_trade_no: str) -> Trade:
        trade = self.find(out_trade_no)
        if trade.status == "TRADE_CLOSED":
            raise Refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
        if trade.status == "WAIT_BUYER_PAY":
            trade.status, trade.paid_at = "TRADE_SUCCESS", time.time()
            self._keep()
        return trade

    def close(self, out_trade_no: str) -> Trade:
        trade = self.find(out_trade_no)
        if trade.status not in ("WAIT_BUYER_PAY", "TRADE_CLOSED") or trade.paid_at:
            raise Refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        trade.status = "TRADE_CLOSED"
        self._keep()
        return trade

    def refund(self, out_trade_no: str, request: str, fen: int) -> tuple[Trade, bool]:
        """The trade, and whether money moved: the same request number moves it once."""
        trade = self.find(out_trade_no)
        known = trade.backs.get(request)
        if known is not None:
            if known.fen != fen:
                raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额不一致")
            return trade, False
        if not trade.paid_at:
            raise Refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        if fen <= 0 or trade.returned + fen > trade.fen:
            raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
        trade.backs[request] = Back(request, fen, time.time())
        if trade.returned == trade.fen:
            trade.status = "TRADE_CLOSED"
        self._keep()
        return trade, True

    def _keep(self) -> None:
        shelf.write(self._file, self._known)


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def fen_of(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def clock_time(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
