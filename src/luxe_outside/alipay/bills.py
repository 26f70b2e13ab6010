"""The day's bill as Alipay hands it out: a zip of GBK sheets with comments and tabs behind the values."""

import io
import zipfile
from datetime import datetime

from .trades import BEIJING, Trade, clock_time, yuan

HEAD = (
    "支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "门店编号", "门店名称", "操作员",
    "终端号", "对方账户", "订单金额（元）", "商家实收（元）", "支付宝红包（元）", "集分宝（元）", "支付宝优惠（元）",
    "商家优惠（元）", "券核销金额（元）", "券名称", "商家红包消费金额（元）", "卡消费金额（元）", "退款批次号/请求号",
    "服务费（元）", "分润（元）", "备注",
)  # fmt: skip


def bill(trades: list[Trade], day: str, app_id: str) -> bytes | None:
    """None if nothing moved on that day (in Beijing)."""
    rows = []
    for trade in trades:
        if trade.paid_at and _day(trade.paid_at) == day:
            rows.append(
                (trade.paid_at, _row(trade, "交易", trade.fen, trade.paid_at, "", -(trade.fen * 6 // 1000)))
            )
        rows += [
            (back.at, _row(trade, "退款", -back.fen, back.at, back.request, 0))
            for back in trade.backs.values()
            if _day(back.at) == day
        ]
    if not rows:
        return None
    lines = [
        "#支付宝业务明细查询",
        f"#账号：[{app_id}]",
        "#-----------------------------------------业务明细列表----------------------------------------",
        ",".join(HEAD),
        *(row for _, row in sorted(rows)),
        "#-----------------------------------------业务明细列表结束------------------------------------",
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("business_detail.csv", "\r\n".join(lines).encode("gb18030"))
    return packed.getvalue()


def _row(trade: Trade, kind: str, fen: int, at: float, request: str, fee: int) -> str:
    sign = "-" if fen < 0 else ""
    amount = f"{sign}{yuan(abs(fen))}"
    values = dict.fromkeys(HEAD, "") | {
        "支付宝交易号": trade.trade_no,
        "商户订单号": trade.out_trade_no,
        "业务类型": kind,
        "商品名称": trade.subject.replace(",", " "),
        "创建时间": clock_time(trade.paid_at),
        "完成时间": clock_time(at),
        "订单金额（元）": amount,
        "商家实收（元）": amount,
        "退款批次号/请求号": request,
        "服务费（元）": f"-{yuan(-fee)}" if fee else "0.00",
    }
    return ",".join(f"{values[name]}\t" for name in HEAD)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).date().isoformat()
