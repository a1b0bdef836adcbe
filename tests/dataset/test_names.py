"""Pseudonyms."""

from patzta.chat.conversation import Conversation, Message, Reaction
from patzta.dataset.names import Pseudonyms

ME, SHE = "Vilém Nový", "Bára Malá"


def chat(*texts: str, people: tuple[str, ...] = (SHE, ME)) -> Conversation:
    messages = tuple(Message(people[0], None, text, reactions=(Reaction(people[0], "❤"),)) for text in texts)
    return Conversation("test", SHE, people, messages)


def test_names_are_replaced_everywhere_the_same() -> None:
    first = chat("ahoj Báro, tu Bára", "bara ma malou kocku", "Malá, vilem, Petře", "Petr volal")
    second = chat("řekni Báře, že Bára má volat, a bára taky", people=("Petr Velký", ME))
    pseudonyms = Pseudonyms([first, second], ME)
    one, two = pseudonyms.of_thread(first), pseudonyms.of_thread(second)
    she, me = one.participants
    he = two.participants[0]
    assert me == ME
    assert one.title is None
    assert one.messages[0].author == one.messages[0].reactions[0].author == she
    assert len({she, he, SHE, "Petr Velký"}) == 4
    given = she.split()[0]
    assert one.messages[0].text == f"ahoj Báro, tu {given}"
    assert one.messages[1].text == f"{given.lower()} ma malou kocku"
    assert one.messages[3].text == f"{he.split()[0]} volal"
    assert two.messages[0].text == f"řekni Báře, že {given} má volat, a bára taky"


def test_they_are_the_same_in_every_run() -> None:
    threads = [chat("x", people=(f"Člověk {number}", ME)) for number in range(300)]
    names = [Pseudonyms(order, ME).of_thread(threads[0]).participants for order in (threads, threads[::-1])]
    assert names[0] == names[1]
    everybody = Pseudonyms(threads, ME)
    assert len({everybody.of_thread(thread).participants for thread in threads}) == 300


def test_deleted_accounts_are_somebody_else_in_every_chat() -> None:
    threads = [chat("x", people=("Facebook user", f"B {number}", ME)) for number in range(3)]
    pseudonyms = Pseudonyms(threads, ME)
    assert len({pseudonyms.of_thread(thread).participants[0] for thread in threads}) == 3
