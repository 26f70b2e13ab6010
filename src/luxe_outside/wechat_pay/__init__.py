"""WeChat Pay API v3 as a merchant meets it: orders, refunds, bills, certificates that change, sealed notifications."""
