"""The orders of the simulator and what may happen to one. All of them are in one file, written anew after each change."""

import secrets
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from msgspec import Struct

from luxe_outside import shelf

BEIJING = timezone(timedelta(hours=8))


class Refused(Exception):
    """An answer that is not a success: HTTP status and `code` of the public error lists."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status_code, self.code, self.message = status, code, message


class Back(Struct):
    """A refund; `number` is the merchant's."""

    number: str
    refund_id: str
    fen: int
    status: str
    at: float


class Order(Struct):
    out_trade_no: str
    transaction_id: str
    fen: int
    description: str
    notify_url: str
    expires: float
    trade: str = "h5"
    state: str = "NOTPAY"
    paid_at: float = 0.0
    backs: dict[str, Back] = {}

    @property
    def returned(self) -> int:
        return sum(each.fen for each in self.backs.values())


class Orders:
    """`slow_refunds`: refunds are `PROCESSING` until they are asked about again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = shelf.read(file, Order)
        self.slow_refunds = False

    def all(self) -> list[Order]:
        return list(self._known.values())

    def find(self, number: str) -> Order:
        order = self._known.get(number)
        if order is None:
            raise Refused(404, "ORDER_NOT_EXIST", "订单不存在")
        if order.state == "NOTPAY" and order.expires <= time.time():
            order.state = "CLOSED"
        return order

    def open(
        self, trade: str, number: str, fen: int, description: str, notify_url: str, expires: float
    ) -> Order:
        known = self._known.get(number)
        if known is None:
            known = Order(
                number,
                f"42000{secrets.randbelow(10**23):023d}",
                fen,
                description,
                notify_url,
                expires,
                trade,
                backs={},
            )
            self._known[number] = known
            self.keep()
        if (known.fen, known.trade) != (fen, trade):
            raise Refused(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致")
        if known.state == "SUCCESS":
            raise Refused(400, "ORDERPAID", "该订单已支付")
        if known.state == "CLOSED":
            raise Refused(400, "ORDER_CLOSED", "订单已关闭")
        return known

    def pay(self, number: str) -> Order:
        order = self.find(number)
        if order.state == "CLOSED":
            raise Refused(400, "ORDER_CLOSED", "订单已关闭")
        if order.state in ("NOTPAY", "PAYERROR"):
            order.state, order.paid_at = "SUCCESS", time.time()
            self.keep()
        return order

    def close(self, number: str) -> None:
        order = self.find(number)
        if order.paid_at:
            raise Refused(400, "ORDERPAID", "该订单已支付")
        order.state = "CLOSED"
        self.keep()

    def refund(self, number: str, refund_no: str, fen: int) -> tuple[Order, Back]:
        """The same refund number has one effect, and tells how it stands."""
        order = self.find(number)
        known = order.backs.get(refund_no)
        if known is not None:
            if known.fen != fen:
                raise Refused(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致")
            known.status = "SUCCESS"
            self.keep()
            return order, known
        if not order.paid_at:
            raise Refused(400, "INVALID_REQUEST", "订单未支付")
        if fen <= 0 or order.returned + fen > order.fen:
            raise Refused(403, "NOT_ENOUGH", "退款金额大于可退金额")
        status = "PROCESSING" if self.slow_refunds else "SUCCESS"
        back = Back(refund_no, f"50300{secrets.randbelow(10**23):023d}", fen, status, time.time())
        order.backs[refund_no], order.state = back, "REFUND"
        self.keep()
        return order, back

    def keep(self) -> None:
        shelf.write(self._file, self._known)

    def find_refund(self, refund_no: str) -> tuple[Order, Back]:
        for order in self._known.values():
            if refund_no in order.backs:
                return order, order.backs[refund_no]
        raise Refused(404, "RESOURCE_NOT_EXISTS", "退款单不存在")


def clock_time(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def day_of(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).date().isoformat()
