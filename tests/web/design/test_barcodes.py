"""The code on a return's label."""

from luxe.services.orders.domain import CROCKFORD
from luxe.web.storefront.barcodes import SIGNS, WIDE, code39


def test_every_sign_has_three_wide_elements_of_nine_and_a_pattern_of_its_own() -> None:
    assert {(len(pattern), pattern.count("w")) for pattern in SIGNS.values()} == {(9, 3)}
    assert len(set(SIGNS.values())) == len(SIGNS)
    assert set(CROCKFORD + "RT-") <= set(SIGNS)


def test_a_number_stands_between_start_and_stop() -> None:
    code = code39("RT-7K3M9Q2X")
    signs = len("*RT-7K3M9Q2X*")
    assert len(code.bars) == signs * 5
    assert code.width == signs * (6 + 3 * WIDE) + signs - 1
    assert [(bar.at, bar.width) for bar in code.bars[:5]] == [(0, 1), (4, 1), (6, 3), (10, 3), (14, 1)]
