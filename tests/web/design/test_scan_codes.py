"""The code on the page is the code: its dark modules, and four free ones around it."""

import re

import segno
from hypothesis import given
from hypothesis import strategies as st

from luxe.web.storefront.scan import code_path


@given(st.text("abcdefghij0123456789_", min_size=1, max_size=60))
def test_the_path_draws_the_modules(end: str) -> None:
    text = f"weixin://wxpay/bizpayurl?pr={end}"
    width, path = code_path(text)
    drawn = {
        (int(x) + step, int(y))
        for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path)
        for step in range(int(run))
    }
    rows = [list(row) for row in segno.make_qr(text, error="m").matrix]
    assert width == len(rows) + 8
    assert drawn == {(x + 4, y + 4) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}
