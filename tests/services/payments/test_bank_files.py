"""Banks' statements as files: what is read exactly, and what is refused by row and column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.money import Money, exponent
from luxe.services.payments.contract import MOST_ENTRIES
from luxe.services.payments.domain import bank_camt, bank_csv
from luxe.services.payments.domain.bank_files import Credit, Fault, Unreadable, codes_in
from luxe.services.payments.domain.verdicts import code_of, may_part
from luxe.services.payments.service.bank_transfer import reference_of
from tests.journeys.canaries import canary, is_in, plain_canary

TODAY = date(2026, 11, 23)
HEAD = "entry,received_on,amount,currency,text\n"
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def csv_faults(content: str | bytes) -> list[Fault]:
    with pytest.raises(Unreadable) as wrong:
        bank_csv.read(content.encode() if isinstance(content, str) else content, TODAY)
    return wrong.value.faults


def camt(
    *entries: str, iban: str = "FR7630006000011234567890189", version: str = "08", before: str = ""
) -> bytes:
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<Document xmlns="{space}"><BkToCstmrStmt><Stmt>'
        f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def entry(
    amount: str = "12800.00", *, ref: str = "A1", text: str = "LX 5N6P7 R8T9V", way: str = "CRDT",
    status: str = "<Sts><Cd>BOOK</Cd></Sts>", day: str = "<Dt>2026-11-22</Dt>", more: str = "", details: str = "",
) -> str:  # fmt: skip
    name = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    inside = details or f"<TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}{status}'
        f"<BookgDt>{day}</BookgDt>{name}<NtryDtls>{inside}</NtryDtls></Ntry>"
    )


def camt_faults(content: bytes) -> list[Fault]:
    with pytest.raises(Unreadable) as wrong:
        bank_camt.read(content, TODAY)
    return wrong.value.faults


GROUPS = st.sampled_from(["", " ", "'", "\u00a0", "\u202f", "."])


@given(
    minor=st.integers(-(10**12), 10**12),
    currency=st.sampled_from(["EUR", "JPY", "KWD", "CNY"]),
    point=st.sampled_from([".", ","]),
    group=GROUPS,
)
def test_an_amount_is_read_back_to_the_cent(minor: int, currency: str, point: str, group: str) -> None:
    digits = exponent(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    grouped = f"{whole:,}".replace(",", group if group != point else "'")
    once_grouped = not digits and group == "." and grouped.count(".") == 1
    said = ("-" if minor < 0 else "") + grouped + (f"{point}{rest:0{digits}}" if digits else "")
    if once_grouped:
        return
    assert bank_csv.amount_of(said, currency) == Money(minor, currency)


@given(st.text("0123456789.,' -+", max_size=12))
def test_what_is_no_amount_is_refused_and_never_guessed(text: str) -> None:
    try:
        amount = bank_csv.amount_of(text, "EUR")
    except ValueError:
        return
    digits = int("".join(each for each in text if each.isdigit()))
    behind = re.search(r"[.,](\d+)$", text)
    places = len(behind[1]) if behind and len(behind[1]) != 3 else 0
    assert Decimal(abs(amount.minor)) == Decimal(digits).scaleb(2 - places)


@given(st.text(ALPHABET, min_size=26, max_size=26), st.sampled_from(["", " ", "-", "/", "."]), st.booleans())
def test_a_reference_is_found_however_it_is_spaced(end: str, between: str, low: bool) -> None:
    intent_id = f"pay_{end}"
    said = between.join(reference_of(intent_id)).replace("0", "O").replace("1", "I")
    assert code_of(intent_id) in codes_in(f"Invoice 7 {said.lower() if low else said} thanks")


@pytest.mark.parametrize("text", ["", "LX", "LX 5N6P7", "watch"])
def test_a_text_without_a_reference_names_nothing(text: str) -> None:
    assert codes_in(text) == []


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_banks_write_it(coding: str, delimiter: str) -> None:
    rows = [
        ["Bank", "Entry", "Currency", "AMOUNT", "received_on", "Text"],
        ["x", "A1", "eur", '"12.800,00"', "2026-11-22", "LX 5N6P7 R8T9V Hélène"],
        ["x", "A2", "EUR", '"-7,50"', "2026-11-22", "fee"],
        ["x", "A1", "EUR", "12800.00", "2026-11-22", "the same once more"],
        [""],
        ["x", "A3", "JPY", "5000", "2026-11-23", ""],
    ]
    content = "\r\n".join(delimiter.join(row) for row in rows).encode(coding)
    found = bank_csv.read(content, TODAY)
    assert [(each.row, each.entry, each.amount, each.text) for each in found.credits] == [
        (2, "A1", Money(1_280_000, "EUR"), "LX 5N6P7 R8T9V Hélène"),
        (6, "A3", Money(5_000, "JPY"), ""),
    ]
    assert found.passed_over == 2


def test_faults_of_a_csv_name_row_and_column() -> None:
    body = (
        "A1,2026-11-22,1.234,EUR,more digits than cents\n"
        ",22.11.2026,12.00,EUR,\n"
        "A3,2026-11-24,0,euro,\n"
        "A4,2026-11-24,0,EUR,\n"
    )
    assert [(each.row, each.column) for each in csv_faults(HEAD + body)] == [
        (2, "amount"), (3, "entry"), (3, "received_on"), (4, "received_on"), (4, "currency"),
        (5, "received_on"), (5, "amount"),
    ]  # fmt: skip
    assert csv_faults("entry,amount\n") == [
        Fault(1, each, "there has to be one column of this name")
        for each in ("received_on", "currency", "text")
    ]
    assert csv_faults(HEAD + "A1,2026-11-22,1,EUR,\nA1,2026-11-22,2,EUR,\n") == [
        Fault(3, "entry", "row 2 says something else under this id")
    ]
    assert [each.row for each in csv_faults(HEAD + '"open\n')] == [1]
    assert [each.row for each in csv_faults(b"\xff\xfe\x00")] == [1]
    assert [each.row for each in csv_faults(b"\x81\x8d")] == [1]


def test_a_statement_has_so_many_entries_at_most() -> None:
    rows = [f"A{at},2026-11-22,1,EUR," for at in range(MOST_ENTRIES + 1)]
    assert len(bank_csv.read((HEAD + "\n".join(rows[:-1])).encode(), TODAY).credits) == MOST_ENTRIES
    assert csv_faults(HEAD + "\n".join(rows)) == [Fault(MOST_ENTRIES + 2, "", "at most 1,000 entries")]


@pytest.mark.parametrize("version", ["02", "08", "13"])
def test_camt_tells_what_was_booked_and_came_in(version: str) -> None:
    content = camt(
        entry(),
        entry("7.50", ref="A2", way="DBIT"),
        entry("9.00", ref="A3", status="<Sts>PDNG</Sts>"),
        entry("9.00", ref="A4", more="<RvslInd>true</RvslInd>"),
        entry("5.00", ref="A5", status="<Sts>BOOK</Sts>", day="<DtTm>2026-11-21T10:00:00+01:00</DtTm>"),
        version=version,
    )
    found = bank_camt.read(content, TODAY)
    assert (found.account, found.passed_over) == ("FR7630006000011234567890189", 3)
    assert found.credits == [
        Credit(row=1, entry="A1", amount=Money(1_280_000, "EUR"), text="LX 5N6P7 R8T9V", received_on=date(2026, 11, 22)),
        Credit(row=5, entry="A5", amount=Money(500, "EUR"), text="LX 5N6P7 R8T9V", received_on=date(2026, 11, 21)),
    ]  # fmt: skip


def test_a_batch_is_what_is_in_it() -> None:
    def part(amount: str, ref: str, text: str) -> str:
        refs = f"<Refs>{ref}<EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
        strd = f"<RmtInf><Strd><CdtrRefInf><Ref>{text}</Ref></CdtrRefInf></Strd></RmtInf>"
        return f'<TxDtls>{refs}<Amt Ccy="EUR">{amount}</Amt>{strd}</TxDtls>'

    both = part("8.00", "<AcctSvcrRef>P1</AcctSvcrRef>", "LX1") + part("4.00", "", "LX2")
    found = bank_camt.read(camt(entry("12.00", ref="B1", details=both)), TODAY)
    assert [(each.entry, each.amount.minor, each.text) for each in found.credits] == [
        ("P1", 800, "LX1"), ("B1/2", 400, "LX2"),
    ]  # fmt: skip
    short = camt(entry("12.01", ref="B1", details=both))
    assert [(each.row, each.column) for each in camt_faults(short)] == [(1, "NtryDtls/TxDtls/Amt")]


def test_entries_without_an_id_get_one_that_stays_the_same() -> None:
    twins, other = [entry(ref=""), entry(ref="")], entry(ref="", text="other")
    first = bank_camt.read(camt(*twins), TODAY).credits
    again = bank_camt.read(camt(other, *twins), TODAY).credits
    assert len({each.entry for each in again}) == 3
    assert {each.entry for each in first} < {each.entry for each in again}


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("before", [BOMB, FILE, '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'])
def test_entities_and_document_types_are_refused(before: str) -> None:
    content = camt(entry(text="&a;" if "ENTITY" in before else "x"), before=before)
    assert camt_faults(content) == [Fault(1, "", "document types and entities are not taken")]


def test_faults_of_a_camt_name_entry_and_element() -> None:
    cases: Mapping[bytes, tuple[int, str]] = {
        camt(entry(), entry("1.234", ref="A2")): (2, "Ntry/Amt"),
        camt(entry("1e5")): (1, "Ntry/Amt"),
        camt(entry("0")): (1, "Ntry/Amt"),
        camt(entry(way="")): (1, "Ntry/CdtDbtInd"),
        camt(entry(day="<Dt>2026-11-24</Dt>")): (1, "Ntry/BookgDt"),
        camt(entry(day="")): (1, "Ntry/BookgDt"),
        camt(entry(ref="x" * 141)): (1, "Ntry/AcctSvcrRef"),
        camt(entry(), entry("1.00")): (2, "Ntry/AcctSvcrRef"),
        b"<Document/>": (1, "Document"),
        b"<Document": (1, ""),
        b'<?xml version="1.0" encoding="x-none"?><Document/>': (1, ""),
        camt().replace(b"</Acct>", b"</Acct><Acct><Id><IBAN>DE02</IBAN></Id></Acct>"): (1, "Stmt/Acct"),
    }
    assert {each: (first.row, first.column) for each in cases for first in camt_faults(each)[:1]} == cases


def test_the_number_of_a_card_is_not_kept_from_a_file() -> None:
    numbers = [canary() for _ in range(40)]
    rows = "".join(
        f'"{number if at % 2 else at}",2026-11-22,1,EUR,"{number} LX 5N6P7 R8T9V"\n'
        for at, number in enumerate(numbers)
    )
    found = bank_csv.read((HEAD + rows).encode(), TODAY).credits
    assert [each.text for each in found] == ["LX5N6P7R8T9V"] * 40
    assert not any(is_in(each.entry) for each in found)
    again = bank_csv.read((HEAD + rows).encode(), TODAY).credits
    assert len({each.entry for each in found}) == 40
    assert again == found
    wrong = csv_faults(HEAD + f'e_1,2026-11-22,"x {plain_canary()}",EUR,\n')
    assert [each.message for each in wrong] == ["this looks like the number of a card"]
    told = bank_camt.read(camt(entry(text=f"{numbers[0]} LX 5N6P7 R8T9V", ref=plain_canary())), TODAY).credits
    assert told[0].text == "LX5N6P7R8T9V"
    assert told[0].entry.startswith("sha256:")


@given(st.integers(1, 10**6), st.lists(st.integers(1, 10**6), min_size=1, max_size=4), st.integers(0, 3))
def test_a_match_is_taken_back_only_where_the_payment_stands_without_it(
    wanted: int, came: list[int], which: int
) -> None:
    one, whole = came[which % len(came)], sum(came)
    assert may_part("captured", wanted, whole, one) == (whole - one >= wanted)
    assert may_part("requires_method", wanted, whole, one)
    assert may_part("expired", wanted, whole, one)
