import re

from patzta.training.demo.life.__main__ import EXPORT
from patzta.training.demo.questions import questions
from patzta.training.demo.spelling import bare
from tests.importers.reading import read


def folded(text):
    return re.sub("[^a-z0-9 ]", "", bare(text).lower()).strip()


def test_ten_are_shown_and_a_hundred_counted():
    shown, counted = questions()
    assert (len(shown), len(counted)) == (10, 100)
    assert len({folded(question) for question in shown + counted}) == 110


def test_none_stands_in_the_export():
    shown, counted = questions()
    threads = read(EXPORT).conversations
    written = {folded(message.text) for thread in threads for message in thread.messages}
    assert not {folded(question) for question in shown + counted} & written
