"""Which sentences count as typed."""

import json

import pytest

from patzta.importers.errors import BadSentences
from patzta.importers.sentences import Meaning, SentenceData

MESSENGER = SentenceData().of("messenger")
SYSTEM, CALL = Meaning("system"), Meaning("call")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Bára sent an attachment.", Meaning("message", "unknown")),
        ("You sent an attachment.", Meaning("message", "unknown")),
        ("Bára sent a live location.", Meaning("message", "location")),
        ("Reacted 😂 to your message ", SYSTEM),
        ("Liked a message", SYSTEM),
        ("Bára named the group Vodáci 2023.", SYSTEM),
        ("Barunka set the nickname for Vilém to Vilda.", SYSTEM),
        ("bára left the group.", None),
        ("A contact left the group.", SYSTEM),
        ("Bára called you.", CALL),
        ("You missed a call from Bára.", CALL),
        ("Bára reagovala na vaši zprávu ❤", SYSTEM),
        ("Bára opustila skupinu.", SYSTEM),
        ("Bára přidal(a) Vilém Nový do skupiny.", SYSTEM),
        ("Zmeškaný videohovor", CALL),
        ("Bára zrušila odeslání zprávy", Meaning("unsent")),
    ],
)
def test_notices_are_recognised(text: str, meaning: Meaning | None) -> None:
    assert MESSENGER.meaning(text, "Bára Malá", ["Vilém Nový"]) == meaning


@pytest.mark.parametrize(
    "text",
    [
        "who added him to the group?",
        "Liked a message, said nobody ever",
        "He left the group.",
        "Vilém left the group.",  # the notice would be filed under Vilém
        "Kdo opustil skupinu?",
        "Bára left the group. And now?",
        "ahoj",
        "x" * 100_000,
    ],
)
def test_what_people_type_stays(text: str) -> None:
    assert MESSENGER.meaning(text, "Bára Malá", ["Vilém Nový"]) is None


def test_a_user_adds_a_language(tmp_path) -> None:
    (tmp_path / "mine.json").write_text(json.dumps({"messenger": {"system": ["{actor} lähti ryhmästä."]}}))
    mine = SentenceData([tmp_path / "mine.json"]).of("messenger")
    assert mine.meaning("Bára lähti ryhmästä.", "Bára Malá") == SYSTEM
    assert mine.meaning("Bára left the group.", "Bára Malá") == SYSTEM


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "not readable"),
        ("[]", "object of objects"),
        ('{"messenger": {"sytem": []}}', "no meaning is called “sytem”"),
        ('{"messenger": {"system": [""]}}', "list of sentences"),
        ('{"messenger": {"attachment": {"foto": []}}}', "no attachment is called “foto”"),
    ],
)
def test_a_bad_file_of_sentences_is_named(tmp_path, text: str, message: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(BadSentences, match=message):
        SentenceData([tmp_path / "bad.json"])
