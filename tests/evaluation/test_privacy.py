"""What counts as given away."""

from patzta.chat.transcript import Turn
from patzta.evaluation.privacy import Known, copied, placeholders
from patzta.evaluation.replies import Reply
from tests.evaluation.test_replies import said
from tests.training.tiny import ME, SHE

MINE = "jeden dva tři čtyři pět šest sedm osm devět"
HERS = "alfa beta gama delta epsilon dzéta éta théta"


def known() -> Known:
    return Known.of([said((SHE, HERS), (ME, MINE), (SHE, MINE))], ME)


def asked(text: str) -> Reply:
    return Reply((Turn("user", f"{SHE}: {text}"),), "ok")


def test_words_by_heart_are_the_doubles_or_somebody_elses() -> None:
    found = copied([f"tak {MINE} a dost", f"no {HERS}", "ok"], [asked("co?")] * 3, known())
    assert found["copied_own"]["value"] == found["copied_others"]["value"] == 0.33333
    assert found["longest_own"] == [MINE]
    assert found["longest_others"] == [HERS]


def test_fewer_words_in_a_row_and_quoting_the_question_are_no_copies() -> None:
    found = copied([MINE.replace("pět", "X"), HERS], [asked("co?"), asked(HERS)], known())
    assert found["copied_own"]["value"] == found["copied_others"]["value"] == 0


def test_a_number_in_place_of_a_placeholder_is_seen() -> None:
    there = Reply((Turn("user", f"{SHE}: jaký máš číslo?"),), "⟦phone 1⟧")
    found = placeholders(["+420 601 234 567", "nevím", "piš na a@b.cz"], [there, there, asked("co?")], "CZ")
    assert found == {"asked": 2, "filled": 1, "made_up_elsewhere": 1}
