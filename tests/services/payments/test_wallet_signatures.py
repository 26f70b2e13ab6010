"""Vectors that Alipay and WeChat Pay published with their documents and SDKs: what we sign and believe is what they do.

Of keys only the public halves stand here: RSASSA-PKCS1-v1_5 has one signature for a message, so that a published signature
which verifies over our text proves the text.
"""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from luxe.services.payments.service import alipay, rsa
from luxe.services.payments.service import wechat_signing as signing

MERCHANT = rsa.public_key("""-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAptpm+qvIDCh/9wjU26SQ
CK26ogYkBhDrYxnAaw2JbbBsp1oDbHKk+1r381NeBUG2HEFAuU+Fr72u5ot3yKdz
oF/FajAzQNKnm569/D3upKoi8mYBaST15Uig8j8qoUW1U217LL0jEHlSnHV3lcaD
TXqDpTRR4Bfz9IqOgJgFZ8/oTfEomSrjrLYef81Eyxr7ZIMQXEKKEK7V4UXKS0+/
fDsiG/cXidhzt8UbTL9vqXqxM2+IDImyO+FAc/tkBG55LmzxPto1Nq0WbnZzRM/w
Tzrd0I/8NlevxtFbphg4evlHjFNI7+GrqR87ViEwuAJJ9Je5QQjct5YJfFRWiZ5C
MQIDAQAB
-----END PUBLIC KEY-----""")
REQUEST = (
    '{"appid":"wxd678efh567hg6787","mchid":"1900007291","description":"Image形象店-深圳腾大-QQ公仔",'
    '"out_trade_no":"1217752501201407033233368018","notify_url":"https://www.weixin.qq.com/wxpay/pay.php",'
    '"amount":{"total":100,"currency":"CNY"},"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}'
)
REQUEST_SIGNED = (
    "jnks4dlrPw3ZX+ozVvSK39oa0t7OMBsg83BHAwd8BRdUFiVaQNTLTvci+wURgP1OQBbKYhFGvt7iqYpDSTQkp7Uq1sltaQKyncCyrA1g88m5"
    "bsKERQfPyT0ahSwKTYJ1CAn9QiJuSJRq1QsQs07eehbU/k9BCS51jTyc1Jpsi2H77HF9f/BnjXAOP3/sPObg6V5Ee4EzwLox684hhuMuIwHo"
    "7D8KFk3LIHOKDcNI4It1aCXydFWNpNK+SG86VUDe5kwoDpw4Ulqfu9z8OFDGbDs9TCxEv8iqQzbpxOlEVoOe2kalSYM5kApQb3nZcxdUtoE0"
    "liJGW3RGUNE0t4v01A=="
)
PLATFORM = rsa.public_key("""-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwXNI6sdlknHBnK8Fu2U6
Cwor9qY747jP8KAfeBMeveEt1TqaHkLfaSD07trZLhGpfs8/AHqjhgSMO1O10YQW
OrrJ4hjIWPKqxbgrYMkBQc+mwdiWp4W3ByCqxBRagCveCXRWCmuJYovl9H/bsDI0
iGbpVtEOghJtfciisYSgxcLufUDTRkvwxjIBK1pCRjk33jJ5YTBWTHMRtMAOcFLN
F6hdEYdX8SPsgHHeLZ5Lv2T/686w1xtgCHef/sd4uSfWmyzsalQdHG/e4IyYmrhx
+O3VBoNDzE3nx23bFeV/RVNCG7cV6VhmYokJNHa/erIPkEmEFID6A5wQOXuxUkmJ
WwIDAQAB
-----END PUBLIC KEY-----""")
ANSWER = '{"code_url":"weixin://wxpay/bizpayurl?pr=JyC91EIz1"}'
ANSWER_SIGNED = (
    "mfI1CPqvBrgcXfgXMFjdNIhBf27ACE2YyeWsWV9ZI7T7RU0vHvbQpu9Z32ogzc+k8ZC5n3kz7h70eWKjgqNdKQF0eRp8mVKlmfzMLBVHbssB"
    "9jEZEDXThOX1XFqX7s7ymia1hoHQxQagPGzkdWxtlZPZ4ZPvr1RiqkgAu6Is8MZgXXrRoBKqjmSdrP1N7uxzJ/cjfSiis9FiLjuADoqmQ1P7"
    "p2N876YPAol7Rn0+GswwAwxldbdLrmVSjfytfSBJFqTMHn4itojgxSWWN1byuckQt8hSTEv/Lg97QoeGniYP17T80pJeQyL3b+295FPHSO2A"
    "tvCgyIbKMZ0BALilAA=="
)
ALIPAY = rsa.public_key("""-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqObrdC7hrgAVM98tK0nv3hSQRGGKT4lBsQjHiGjeYZjOPIPHR5knm2jnnz/YGIXIofVHkA/tAlBAd5DrY7YpvI4tP5EONLtZKC2ghBMx7McI2wRD0xiqzxOQr1FuhZGJ8/AUokBzJrzY+aGX2xcOrxFYRlFilvVLTXg4LWjR1tdPkO6+i7wQZAIVMClPkwVRZEbaERRHlKqTzv2gGv5rDU8gRoe1LeaN+6BlbTqHWkQcNCUNrA8C6l17XAXGKDsm/9TFWwO8EPHHHCaQdjtV5/FdcWIt+L8SR1ss7EXTjYDFtxcKVv9rEoY1lX8T4mX+GbXfZHraG5NCF1+XioL5JwIDAQAB
-----END PUBLIC KEY-----""")
NOTIFICATION = {
    "gmt_create": "2019-08-15 15:56:22",
    "charset": "utf-8",
    "seller_email": "z97-yuquerevenue@service.aliyun.com",
    "subject": "语雀空间 500人规模",
    "buyer_id": "2088102534368455",
    "invoice_amount": "0.10",
    "notify_id": "2019081500222155624068450559358070",
    "fund_bill_list": '[{"amount":"0.10","fundChannel":"ALIPAYACCOUNT"}]',
    "notify_type": "trade_status_sync",
    "trade_status": "TRADE_SUCCESS",
    "receipt_amount": "0.10",
    "buyer_pay_amount": "0.10",
    "sign_type": "RSA2",
    "app_id": "2019073166072302",
    "seller_id": "2088531891668739",
    "gmt_payment": "2019-08-15 15:56:24",
    "notify_time": "2019-08-15 15:56:25",
    "version": "1.0",
    "out_trade_no": "20190815155618536-564-57",
    "total_amount": "0.10",
    "trade_no": "2019081522001468450512505578",
    "auth_app_id": "2019073166072302",
    "buyer_logon_id": "xud***@126.com",
    "point_amount": "0.00",
    "sign": (
        "QfTb8tqE1BMhS5qAnXtvsF3/jBkEvu9q9en0pdbBUDDjvKycZhQb7h8GDs4FKfi049PynaNuatxSgLb/nLWZpXyyh0LEWdK2S6Ri7nPw"
        "rVgOs08zugLO20vOQz44y3ti2Ncm8/wZts1Fr2gZ7pShnVX3d1B50hbsXnObT1r/U8ONNQjWXd0HIul4TG+Q3fm3svmSvFEy0Wnzuhcy"
        "HPX5Gm4ELNctL6Qd5YniGJFNcc7kopHYtI/XD9YCKCH6Ct02rzUs9i11C9CsadtZn+WhxF26Dqt9sGEFajkJ8cxUTLi8+VCpLHsgPE8P"
        "0y095uQcDdK0YjCh4x7wVSov+lrmOQ=="
    ),
}


def test_what_a_merchant_signs() -> None:
    """WeChat Pay, document 4012365336: a JSAPI order."""
    text = signing.request_message(
        "POST", "/v3/pay/transactions/jsapi", 1554208460, "593BEC0C930BF1AFEB40B4A08C8FB242", REQUEST
    )
    assert rsa.is_signed(MERCHANT, text, REQUEST_SIGNED)
    assert not rsa.is_signed(MERCHANT, text.replace("100", "101"), REQUEST_SIGNED)


def test_the_header_that_carries_it() -> None:
    """WeChat Pay's example of a header names these five, in this scheme."""
    key = generate_private_key(65537, 2048)
    header = signing.authorization(
        key, "1900009191", "408B07E79B82", "GET", "/v3/certificates", "", 1554208460, "593BEC0C930BF1AF"
    )
    scheme, _, fields = header.partition(" ")
    told = dict(each.split("=", 1) for each in fields.split(","))
    assert scheme == "WECHATPAY2-SHA256-RSA2048"
    assert {name: value.strip('"') for name, value in told.items() if name != "signature"} == {
        "mchid": "1900009191",
        "nonce_str": "593BEC0C930BF1AF",
        "timestamp": "1554208460",
        "serial_no": "408B07E79B82",
    }
    text = "GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AF\n\n"
    assert rsa.is_signed(key.public_key(), text, told["signature"].strip('"'))


def test_what_the_platform_signs() -> None:
    """An answer of WeChat Pay's production platform, as its document on checking signatures shows it."""
    text = signing.answer_message("1722850421", "d824f2e086d3c1df967785d13fcd22ef", ANSWER)
    assert rsa.is_signed(PLATFORM, text, ANSWER_SIGNED)
    assert not rsa.is_signed(PLATFORM, text, REQUEST_SIGNED)
    assert not rsa.is_signed(PLATFORM, text, "not base64 é")


def test_what_alipay_signs_of_a_notification() -> None:
    """A notification of production, from the tests of Alipay's own SDK."""
    assert alipay.is_genuine(ALIPAY, NOTIFICATION)
    assert not alipay.is_genuine(ALIPAY, NOTIFICATION | {"total_amount": "0.01"})
    assert not alipay.is_genuine(ALIPAY, NOTIFICATION | {"sign_type": "RSA"})
    assert not alipay.is_genuine(ALIPAY, {})


def test_the_seal_is_aes_256_gcm() -> None:
    """Test case 16 of the GCM specification (McGrew, Viega), whose nonce is twelve bytes, with the tag behind the text."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    sealed = AESGCM(key).encrypt(
        bytes.fromhex("cafebabefacedbaddecaf888"),
        bytes.fromhex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        ),
        bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    )
    assert sealed[-16:].hex() == "76fc6ece0f4e1768cddf8853bb2d551b"


@pytest.mark.parametrize("change", ["key", "nonce", "about", "text"])
def test_only_what_was_sealed_for_us_is_opened(change: str) -> None:
    key = b"0123456789abcdef0123456789abcdef"
    plain = json.dumps({"out_trade_no": "pay_1"}).encode()
    sealed = base64.b64encode(AESGCM(key).encrypt(b"fdasflkja484", plain, b"transaction")).decode()
    given = signing.Sealed(ciphertext=sealed, nonce="fdasflkja484", associated_data="transaction")
    assert signing.unseal(key, given) == plain
    if change == "key":
        key = key[::-1]
    elif change == "nonce":
        given.nonce = "fdasflkja485"
    elif change == "about":
        given.associated_data = "certificate"
    else:
        given.ciphertext = "AAAA" + sealed[4:]
    with pytest.raises(ValueError, match="sealed"):
        signing.unseal(key, given)
