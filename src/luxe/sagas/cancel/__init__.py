"""From a paid order to none: closed to shipping, refunded, restocked, cancelled."""
