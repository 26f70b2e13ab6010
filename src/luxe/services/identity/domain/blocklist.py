"""Passwords and words that guessing programs try first, kept offline."""

from __future__ import annotations

WALKS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "12345678901234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qawsedrftgyhujikolp",
    "zaqxswcdevfrbgtnhymjukilop",
)

PASSWORDS = frozenset(
    (
        "1234qwerasdf", "123456789a", "123456789q", "a123456789", "q123456789", "aa12345678", "abc1234567",
        "abcd123456", "abcd1234567", "asdfghjkl;", "asdf123456", "qwer123456", "qwer1234567", "qwe1234567",
        "qwerty12345", "qwerty123456", "qwerty1234567", "qwertyuiop1", "qwertyuiop123", "1qaz2wsx3edc", "1qaz@wsx3edc",
        "1qazxsw23edc", "zaq12wsxcde3", "zaq1zaq1zaq1", "!qaz2wsx#edc", "q1w2e3r4t5", "q1w2e3r4t5y6", "1q2w3e4r5t",
        "1a2b3c4d5e", "a1b2c3d4e5", "a1s2d3f4g5", "147258369a", "1472583690", "7894561230", "9876543210a", "0987654321",
        "1122334455", "112233445566", "11223344556677", "1029384756", "12qwaszx34", "123qweasdzxc", "123qwe123qwe",
        "qweasdzxc123", "qazwsxedcrfv", "qazwsxedc123", "woaini1314", "woaini520", "woaini5201314", "5201314520",
        "aini1314520", "iloveyou1314", "wang123456", "zhang123456", "li123456789", "caonima123", "woaiwojia1",
        "trustno1trustno1", "changeme123", "letmein1234", "correcthorsebatterystaple", "correct horse battery staple",
        "thisismypassword", "passwordpassword", "adminadmin", "administrator", "testtesttest", "nopassword",
        "unbelievable", "christopher", "basketball", "volleyball1", "manchester", "liverpoolfc", "realmadrid1",
        "blink182blink182", "jordan23jordan23", "michael123", "jennifer123", "0123456789a", "31415926535", "3141592653",
    )
)  # fmt: skip

WORDS = tuple(
    sorted(
        (
            "password", "passwort", "motdepasse", "contrasena", "senha", "parola", "wachtwoord", "mima", "passphrase",
            "passwd", "pass", "secret", "letmein", "welcome", "bienvenue", "willkommen", "admin", "administrator", "root",
            "user", "guest", "login", "master", "default", "changeme", "change", "test", "demo", "sample", "example",
            "qwerty", "qwertz", "azerty", "asdfgh", "asdf", "qwer", "zxcvbn", "zxcvbnm", "qazwsx", "iloveyou", "ilove",
            "loveyou", "love", "lovely", "forever", "princess", "prince", "queen", "king", "angel", "baby", "sweet",
            "sweetheart", "sunshine", "moonlight", "rainbow", "flower", "butterfly", "diamond", "gold", "silver", "black",
            "platinum", "luxury", "luxe", "fashion", "chanel", "gucci", "hermes", "prada", "dior", "rolex", "cartier",
            "ferrari", "porsche", "mercedes", "dragon", "tiger", "monkey", "panda", "shadow", "phoenix", "ninja", "samurai",
            "football", "baseball", "basketball", "soccer", "hockey", "tennis", "golf", "liverpool", "arsenal", "chelsea",
            "barcelona", "juventus", "superman", "batman", "spiderman", "pokemon", "naruto", "starwars", "matrix", "hello",
            "helloworld", "world", "computer", "internet", "google", "facebook", "wechat", "weixin", "alipay", "taobao",
            "samsung", "apple", "iphone", "android", "windows", "microsoft", "whatever", "trustno", "freedom", "america",
            "china", "beijing", "shanghai", "london", "paris", "milano", "tokyo", "newyork", "summer", "winter", "spring",
            "autumn", "january", "february", "march", "april", "june", "july", "august", "september", "october", "november",
            "december", "monday", "friday", "sunday", "michael", "daniel", "jessica", "ashley", "charlie", "thomas",
            "jordan", "andrew", "jennifer", "michelle", "nicole", "woaini", "woaiwojia", "abc", "xyz",
        ),
        key=len,
        reverse=True,
    )
)  # fmt: skip
"""Longest first, so that removing one does not cut another in two."""
