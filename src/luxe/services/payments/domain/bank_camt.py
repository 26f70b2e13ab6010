"""A bank's statement as ISO 20022 camt.053, of any version. Entities and document types are refused, nothing is fetched.

Source: ISO 20022, Bank-to-Customer Statement (camt.053.001.02 to .13), message definition report.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from luxe.kernel.money import Money, MoneyError
from luxe.services.payments.domain.bank_files import (
    LONGEST_ENTRY,
    LONGEST_TEXT,
    Credit,
    Fault,
    Statement,
    Unreadable,
    once_each,
)

_FAMILY = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
_TEXTS = ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "Refs/EndToEndId", "AddtlTxInf")
_MOST_DIGITS = 18


class _Wrong(Exception):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def read(content: bytes, today: date) -> Statement:
    """Raises `Unreadable`."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable([Fault(1, "", "document types and entities are not taken")]) from error
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable([Fault(1, "", f"this is no XML: {error}")]) from error
    if not root.tag.startswith("{" + _FAMILY):
        raise Unreadable([Fault(1, "Document", f"its namespace begins with {_FAMILY}")])
    space = root.tag.removesuffix("Document")
    accounts = {_text(each, "Id/IBAN", space) for each in root.iter(f"{space}Acct")} - {""}
    if len(accounts) > 1:
        raise Unreadable([Fault(1, "Stmt/Acct", "one account at a time")])
    found, faults = list[Credit](), list[Fault]()
    passed_over, unnamed = 0, Counter[str]()
    for row, entry in enumerate(root.iter(f"{space}Ntry"), start=1):
        try:
            if not _came_in(entry, space):
                passed_over += 1
                continue
            found += _credits(row, entry, space, unnamed, today)
        except _Wrong as wrong:
            faults.append(Fault(row, wrong.column, str(wrong)))
    if faults:
        raise Unreadable(faults)
    once = once_each(found, "Ntry/AcctSvcrRef")
    return Statement(
        format="camt.053",
        account=next(iter(accounts), ""),
        credits=once,
        passed_over=passed_over + len(found) - len(once),
    )


def _came_in(entry: Element, space: str) -> bool:
    """Booked, into the account, and not the taking back of what went out."""
    direction = _text(entry, "CdtDbtInd", space)
    if direction not in ("CRDT", "DBIT"):
        raise _Wrong("Ntry/CdtDbtInd", f"{direction!r} is neither CRDT nor DBIT")
    status = _text(entry, "Sts/Cd", space) or _text(entry, "Sts", space)
    return direction == "CRDT" and status == "BOOK" and _text(entry, "RvslInd", space) not in ("true", "1")


def _credits(row: int, entry: Element, space: str, unnamed: Counter[str], today: date) -> Iterator[Credit]:
    """One for each transaction of a batch, which add up to it; else the entry itself."""
    whole = _amount(entry.find(f"{space}Amt"), "Ntry/Amt")
    day = _day(entry, space, today)
    parts = entry.findall(_path("NtryDtls/TxDtls", space))
    name = _text(entry, "AcctSvcrRef", space)
    if len(parts) < 2:
        text = _written(parts[0] if parts else entry, space) or _text(entry, "AddtlNtryInf", space)
        inside = _text(parts[0], "Refs/AcctSvcrRef", space) if parts else ""
        yield _credit(row, name or inside, whole, text, day, unnamed)
        return
    amounts = [_amount(_amount_in(part, space), "NtryDtls/TxDtls/Amt") for part in parts]
    if (
        any(each.currency != whole.currency for each in amounts)
        or sum(each.minor for each in amounts) != whole.minor
    ):
        raise _Wrong("NtryDtls/TxDtls/Amt", "the transactions do not add up to the entry")
    for at, (part, amount) in enumerate(zip(parts, amounts, strict=True), start=1):
        inside = _text(part, "Refs/AcctSvcrRef", space)
        own = inside if inside != name else ""
        yield _credit(
            row, own or (f"{name}/{at}" if name else ""), amount, _written(part, space), day, unnamed
        )


def _credit(row: int, name: str, amount: Money, text: str, day: date, unnamed: Counter[str]) -> Credit:
    if len(name) > LONGEST_ENTRY:
        raise _Wrong("Ntry/AcctSvcrRef", f"{LONGEST_ENTRY} letters at most")
    if not name:
        said = hashlib.sha256(f"{day}|{amount.minor}|{amount.currency}|{text}".encode()).hexdigest()[:32]
        unnamed[said] += 1
        name = f"sha256:{said}#{unnamed[said]}"
    return Credit(row=row, entry=name, amount=amount, text=text[:LONGEST_TEXT], received_on=day)


def _amount_in(part: Element, space: str) -> Element | None:
    own = part.find(f"{space}Amt")
    return part.find(_path("AmtDtls/TxAmt/Amt", space)) if own is None else own


def _amount(found: Element | None, column: str) -> Money:
    if found is None or not (found.text or "").strip():
        raise _Wrong(column, "there is no amount")
    text, currency = str(found.text).strip(), found.get("Ccy", "")
    try:
        if len(text) > _MOST_DIGITS or not all(each in "0123456789." for each in text):
            raise MoneyError(f"{text!r} is not an amount")
        amount = Money.parse(text, currency)
    except MoneyError as error:
        raise _Wrong(column, str(error)) from error
    if amount.minor == 0:
        raise _Wrong(column, "nothing has moved")
    return amount


def _day(entry: Element, space: str, today: date) -> date:
    said = ""
    for path in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"):
        said = said or _text(entry, path, space)
    try:
        day = date.fromisoformat(said[:10])
    except ValueError as error:
        raise _Wrong("Ntry/BookgDt", f"{said!r} is no day such as {today}") from error
    if day > today:
        raise _Wrong("Ntry/BookgDt", f"{day} has not begun")
    return day


def _written(part: Element, space: str) -> str:
    """All that the payer may have written the reference into."""
    said = [(each.text or "").strip() for path in _TEXTS for each in part.findall(_path(path, space))]
    return " ".join(each for each in said if each and each != "NOTPROVIDED")


def _text(element: Element, path: str, space: str) -> str:
    return (element.findtext(_path(path, space)) or "").strip()


def _path(path: str, space: str) -> str:
    return "/".join(f"{space}{step}" for step in path.split("/"))
