"""Personal data in texts, found by its form and its check digits: no model, no network.

Each finder gives stretches of a text. What such rules cannot find stands on the dataset's card.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

Span = tuple[int, int]
Finder = Callable[[str], Iterable[Span]]

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", re.I)
_CARD = re.compile(r"(?<![\d-])[3-6](?:[ -]?\d){12,18}(?![\d-])")
_BIRTH = re.compile(r"(?<!\d)\d{6}/?\d{3,4}(?!\d)")
_ACCOUNT = re.compile(r"(?<![\d-])(?:\d{1,6}-)?\d{2,10}/\d{4}(?!\d)")

_CAPITAL = r"[A-ZÀ-ÖØ-ÞČĎĚŇŘŠŤŮŽĽĹŔŁŚŻŹĆŐŰ]"
_NUMBER = r"\d{1,4}[a-z]?(?:/\d{1,4}[a-z]?)?"
_CODE = r"\d{3} ?\d{2}"
_ADDRESS = re.compile(
    rf"\b(?:ul(?:ice|\.)|n[áa]m(?:[ěe]st[íi]|\.)|t[řr](?:[íi]da|\.)|s[íi]dli[šs]t[ěe]|n[áa]b[řr]e[žz][íi])"
    rf" ?{_CAPITAL}\w+(?: \w+){{0,3}}? {_NUMBER}(?:,? {_CODE})?(?:,? {_CAPITAL}\w+(?: \d{{1,2}})?)?"
    rf"|\b{_CAPITAL}\w+(?: \w+){{0,2}} {_NUMBER},? {_CODE},? {_CAPITAL}\w+(?: \d{{1,2}})?"
    rf"|\b{_CAPITAL}\w{{3,}} \d{{1,4}}/\d{{1,4}}[a-z]?\b"
    rf"|\b{_CODE}[, ]+{_CAPITAL}\w+(?: \d{{1,2}}\b)?"
    rf"|\b{_CAPITAL}\w*(?:stra(?:ß|ss)e|str\.|gasse|platz|allee) {_NUMBER}"
    rf"|\b\d{{1,5}}[A-Z]? (?:{_CAPITAL}\w+ ){{1,3}}"
    r"(?:Street|Avenue|Road|Lane|Drive|Boulevard|Square|Court|St|Ave|Rd|Blvd)\b"
)
_ADDRESS_SAID = re.compile(
    r"\b(?i:bydl\w*|adres\w*|address|lives? (?:at|on|in)|wohn\w*)\b[^\n]{0,25}?"
    rf"(?P<value>{_CAPITAL}\w+(?: \w+)? {_NUMBER})\b"
)

_WORDS = r"heslo|hesla|password|passwd|pwd|passcode|pass|wifi|wi-fi|pin|puk|token|klíč|api[ _-]?key|secret|passwort"
_NAMED_SECRET = re.compile(
    rf"\b(?:{_WORDS})\b(?P<between>(?:[^\n\w]*\b(?:{_WORDS}|k|na|od|do|pro|to|for|of|the|my|m[aá]m|m[aá][sš]|mail"
    r"|netflix|[uú][cč]tu|kartě|je|jsou|is|are|ist)\b){0,5}[^\n\w]*)(?P<value>[^\s,]{3,})",
    re.I,
)
_SAID = re.compile(r"[:=]|\b(?:je|jsou|is|are|ist)\b", re.I)
_ONE_TIME = re.compile(r"\b(?:kód|kod|code|otp)\b[^\n\d]{0,25}(?P<value>\d{4,8}|\d{3}[ -]\d{3})\b", re.I)
_LONG_WORD = re.compile(r"\S{16,}")
_DETECTORS = (
    "artifactory.ArtifactoryDetector aws.AWSKeyDetector azure_storage_key.AzureStorageKeyDetector"
    " discord.DiscordBotTokenDetector github_token.GitHubTokenDetector gitlab_token.GitLabTokenDetector"
    " jwt.JwtTokenDetector mailchimp.MailchimpDetector npm.NpmDetector openai.OpenAIDetector"
    " private_key.PrivateKeyDetector pypi_token.PypiTokenDetector sendgrid.SendGridDetector slack.SlackDetector"
    " square_oauth.SquareOAuthDetector stripe.StripeDetector telegram_token.TelegramBotTokenDetector"
    " twilio.TwilioKeyDetector"
).split()
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S)


def finders(region: str, private: Sequence[str] = ()) -> dict[str, Finder]:
    """By the kind of what they find; where two overlap, the earlier kind counts.

    ``region`` is that of phone numbers without a country's code, such as ``CZ``; ``private`` are texts of the owner's
    own, such as their address, found in any case.
    """
    return {
        **({"private": _literally(private)} if private else {}),
        "secret": _secrets,
        "email": lambda text: _matches(_EMAIL, text) if "@" in text else (),
        "iban": lambda text: _checked(_IBAN, text, "stdnum.iban", 8),
        "card": lambda text: _checked(_CARD, text.replace("-", " "), "stdnum.luhn", 13),
        "account": lambda text: _checked(_ACCOUNT, text, "stdnum.cz.bankaccount", 6),
        "birth number": lambda text: _checked(_BIRTH, text, "stdnum.cz.rc", 9),
        "address": lambda text: _addresses(text) if _digits(text) else (),
        "phone": lambda text: _phones(text, region),
    }


def find(text: str, by: dict[str, Finder]) -> list[tuple[int, int, str]]:
    """(start, end, kind) of everything found, without overlaps, in order."""
    found: list[tuple[int, int, str]] = []
    for kind, finder in by.items():
        for start, end in finder(text):
            if not any(start < other and first < end for first, other, _ in found):
                found.append((start, end, kind))
    return sorted(found)


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    return (match.span() for match in pattern.finditer(text))


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _checked(pattern: re.Pattern[str], text: str, module: str, digits: int) -> Iterator[Span]:
    """The matches whose check digits are right, without the groups that follow and do not belong to them."""
    for match in pattern.finditer(text) if _digits(text) >= min(digits, 8) else ():
        found = match[0]
        while found and not _is_valid(found, module, digits):
            found = found.rpartition(" ")[0]
        if found:
            yield match.start(), match.start() + len(found)


def _is_valid(found: str, module: str, digits: int) -> bool:
    return _digits(found) >= digits and _validator(module)(found.replace(" ", ""))


def _addresses(text: str) -> Iterator[Span]:
    yield from _matches(_ADDRESS, text)
    for match in _ADDRESS_SAID.finditer(text):
        yield match.span("value")


@cache
def _validator(module: str) -> Callable[[str], bool]:
    import importlib

    return importlib.import_module(module).is_valid


def _phones(text: str, region: str) -> Iterator[Span]:
    if _digits(text) >= 7:
        from phonenumbers import Leniency, PhoneNumberMatcher

        # What was typed in lower case or beside letters is still a number; dates and amounts are not.
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
            yield match.start, match.end


def _literally(private: Sequence[str]) -> Finder:
    alternatives = "|".join(re.escape(text) for text in sorted(private, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.I)
    return lambda text: _matches(pattern, text)


def _secrets(text: str) -> Iterator[Span]:
    yield from _matches(_KEY_BLOCK, text)
    if _LONG_WORD.search(text):
        for pattern in _token_patterns():
            yield from _matches(pattern, text)
    for match in _NAMED_SECRET.finditer(text):
        if _is_secret(match["between"], match["value"]):
            yield match.span("value")
    for match in _ONE_TIME.finditer(text):
        yield match.span("value")


def _is_secret(between: str, value: str) -> bool:
    """“heslo: abc” always; “heslo je …” only if what follows is no common word."""
    if not _SAID.search(between) and not re.search(r"\d", value):
        return False
    if re.search(r"[:=]", between):
        return True
    return bool(re.search(r"\d|[^\w.!?…-]", value)) or value[1:] != value[1:].lower()


@cache
def _token_patterns() -> list[re.Pattern[str]]:
    """Those of the known kinds of tokens; guesses by entropy and by names of variables are for code, not for talk."""
    import importlib

    patterns: list[re.Pattern[str]] = []
    for name in _DETECTORS:
        module, _, detector = name.partition(".")
        plugin: Any = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), detector)()
        patterns += plugin.denylist
    return patterns
