"""The day's trade bill: a backtick before each value, then a head and a row of sums."""

from .orders import Order, clock_time, day_of

HEAD = (
    "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识", "交易类型", "交易状态",
    "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号", "商户退款单号", "退款金额", "充值券退款金额",
    "退款类型", "退款状态", "商品名称", "商户数据包", "手续费", "费率", "订单金额", "申请退款金额", "费率备注",
)  # fmt: skip


def bill(orders: list[Order], day: str, appid: str, mchid: str) -> str | None:
    """None if nothing moved on that day (in Beijing)."""
    rows: list[tuple[float, dict[str, str]]] = []
    for order in orders:
        named = {
            "公众账号ID": appid,
            "商户号": mchid,
            "微信订单号": order.transaction_id,
            "商户订单号": order.out_trade_no,
            "交易类型": "MWEB",
            "货币种类": "CNY",
            "商品名称": order.description.replace(",", " "),
            "订单金额": _yuan(order.fen),
        }
        if order.paid_at and day_of(order.paid_at) == day:
            paid = {
                "交易时间": clock_time(order.paid_at),
                "交易状态": "SUCCESS",
                "应结订单金额": _yuan(order.fen),
                "退款金额": "0.00",
                "手续费": f"{order.fen * 6 / 100_000:.5f}",
            }
            rows.append((order.paid_at, named | paid))
        for back in order.backs.values():
            if day_of(back.at) == day:
                returned = {
                    "交易时间": clock_time(back.at),
                    "交易状态": "REFUND",
                    "应结订单金额": "0.00",
                    "微信退款单号": back.refund_id,
                    "商户退款单号": back.number,
                    "退款金额": _yuan(back.fen),
                    "手续费": "0.00000",
                }
                rows.append((back.at, named | returned))
    if not rows:
        return None
    lines = [
        ",".join(f"`{row.get(name, '')}" for name in HEAD)
        for _, row in sorted(rows, key=lambda each: each[0])
    ]
    sums = ["总交易单数,应结订单总金额,退款总金额", f"`{len(rows)},`0.00,`0.00"]
    return "\ufeff" + "\r\n".join([",".join(HEAD), *lines, *sums]) + "\r\n"


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
