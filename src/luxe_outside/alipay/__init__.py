"""Alipay as a merchant meets it: the gateway, the cashier page, notifications and bills. After opendocs.alipay.com."""
