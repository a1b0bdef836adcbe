"""Personal data that has a form is found, and what only looks like it stays."""

import pytest

from patzta.dataset.personal import find, finders

BY = finders("CZ", ["Trollí 7", "kódové slovo"])


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("mail jan.novak+x@seznam.cz.", "email", "jan.novak+x@seznam.cz"),
        ("zavolej 777 123 456 jo", "phone", "777 123 456"),
        ("00420 777 123 456", "phone", "00420 777 123 456"),
        ("+44 20 7946 0958", "phone", "+44 20 7946 0958"),
        ("na účet 19-2000145399/0800", "account", "19-2000145399/0800"),
        ("rč 780123/3540", "birth number", "780123/3540"),
        ("karta 4111 1111 1111 1111 12/26", "card", "4111 1111 1111 1111"),
        ("CZ65 0800 0000 1920 0014 5399 dík", "iban", "CZ65 0800 0000 1920 0014 5399"),
        ("de89370400440532013000", "iban", "de89370400440532013000"),
        ("bydlím Hrnčířská 12/5, 602 00 Brno", "address", "Hrnčířská 12/5, 602 00 Brno"),
        ("je to ul. Botanická 68a", "address", "ul. Botanická 68a"),
        ("bydlím na Údolní 53", "address", "Údolní 53"),
        ("at 10 Downing Street", "address", "10 Downing Street"),
        ("Hauptstraße 5", "address", "Hauptstraße 5"),
        ("heslo na wifi je Kocka123!", "secret", "Kocka123!"),
        ("heslo: ahoj", "secret", "ahoj"),
        ("wifi heslo kocicka2020", "secret", "kocicka2020"),
        ("pin je 1234", "secret", "1234"),
        ("kód 123456", "secret", "123456"),
        ("ghp_" + "a1B2" * 9, "secret", "ghp_" + "a1B2" * 9),
        ("AKIAIOSFODNN7EXAMPLE", "secret", "AKIAIOSFODNN7EXAMPLE"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "secret", None),
        ("sejdem se na trollí 7", "private", "trollí 7"),
    ],
)
def test_is_found(text: str, kind: str, what: str | None) -> None:
    [(start, end, found)] = find(text, BY)
    assert (found, text[start:end]) == (kind, what or text)


@pytest.mark.parametrize(
    "text",
    [
        "sejdem se 24.12.2024 v 18:30",
        "1/2020 ani 12/2021",
        "mám 15000000 kč",
        "2024-05-06 12:13:14",
        "heslo je dobrý vtip",
        "password is correct",
        "koupil jsem 2 kg za 1500",
        "id 1234567890123456",
        "4111 1111 1111 1112",
        "kódové slovíčko",
        "haha 😂 no jasně",
    ],
)
def test_is_left(text: str) -> None:
    assert find(text, BY) == []


def test_a_number_is_one_thing_only() -> None:
    text = "piš na jan@777123456.cz nebo 777123456"
    assert [kind for _, _, kind in find(text, BY)] == ["email", "phone"]
