"""WhatsApp's texts, from several phones and languages."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from patzta.chat.conversation import Attachment
from tests.importers.reading import Imported, read

IOS = """\ufeff\u200e[13.06.2023, 18:08:01] Vodáci: \u200eZprávy a hovory jsou opatřeny koncovým šifrováním. Více.\r
[13.06.2023, 18:08:08] Bára Malá: ahoj\r
\r
druhý řádek: [1.1.2020, 8:00] ne\r
[13.06.2023, 18:09:00] ~\u202fPetr: \u200eobrázek vynechán\r
\u200e[13.06.2023, 18:10:00] Bára Malá: \u200e<příloha: 00000012-PHOTO-2023.jpg>\r
[13.06.2023, 18:11:00] Bára Malá: plán.pdf • 2 strany \u200e<příloha: 00000013-plán.pdf>\r
[13.06.2023, 18:12:00] \u202a+420\u00a0777\u00a0123\u00a0456\u202c: \u200eTato zpráva byla smazána.\r
[13.06.2023, 18:13:00] Bára Malá: opraveno \u200e<This message was edited>\r
[13.06.2023, 18:14:00] Bára Malá: \u200eZmeškaný hovor\r
[13.06.2023, 18:15:00] Bára Malá: hele @\u2068Petr\u2069 👩\u200d👩\u200d👧\r
[13.06.2023, 18:16:00] Vodáci: \u200eněco, co nikdo nenapsal\r
"""
ANDROID = """13/06/2023, 18:08 - Messages and calls are end-to-end encrypted. Tap to learn more.
13/06/2023, 18:08 - Jan changed the group name from "A: b" to "C"
13/06/2023, 18:09 - Jan: hi: there
13/06/2023, 18:09 - Jan: <Media omitted>
13/06/2023, 18:10 - Eva: IMG-20230613-WA0001.jpg (file attached)
a caption
13/06/2023, 18:10 - Eva: This message was deleted
13/06/2023, 18:11 - Eva: POLL:
Where?
OPTION: here (1 vote)
13/06/2023, 18:12 - Jan left
13/06/2023, 18:13 - Eva: null
13/06/2023, 18:14 - Eva: location: https://maps.google.com/?q=50,14
13/06/2023, 18:15 - Eva: he left
"""


def written(folder: Path, text: str | bytes, name: str = "WhatsApp Chat with Vodáci.txt") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def times(imported: Imported) -> list[str]:
    [thread] = imported.conversations
    return [message.time.strftime("%Y-%m-%d %H:%M") for message in thread.messages if message.time]


def test_ios_in_czech(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "WhatsApp Chat - Vodáci.zip", "w") as archive:
        archive.writestr("_chat.txt", IOS)
        archive.writestr("00000012-PHOTO-2023.jpg", b"x")
    imported = read(tmp_path)
    [thread] = imported.conversations
    assert (thread.source, thread.title) == ("whatsapp", "Vodáci")
    assert thread.participants == ("Bára Malá", "Petr", "+420 777 123 456")
    assert imported.kinds == [
        "system", "message", "message", "message", "message", "unsent", "message", "call", "message", "system"
    ]  # fmt: skip
    assert imported.texts[1] == "ahoj\n\ndruhý řádek: [1.1.2020, 8:00] ne"
    assert thread.messages[2].attachments == thread.messages[3].attachments == (Attachment("photo"),)
    assert (thread.messages[4].text, thread.messages[4].attachments) == ("", (Attachment("file", "plán.pdf"),))
    assert (thread.messages[6].text, thread.messages[6].edited) == ("opraveno", True)
    assert imported.texts[8] == "hele @Petr 👩\u200d👩\u200d👧"
    assert thread.messages[1].time == datetime(2023, 6, 13, 16, 8, 8, tzinfo=UTC)


def test_android_in_english(tmp_path: Path) -> None:
    imported = read(written(tmp_path, ANDROID))
    [thread] = imported.conversations
    assert (thread.title, thread.participants) == ("Vodáci", ("Jan", "Eva"))
    assert imported.kinds == [
        "system", "system", "message", "message", "message", "unsent",
        "system", "system", "system", "message", "message",
    ]  # fmt: skip
    assert [imported.texts[index] for index in (2, 3, 4, 10)] == ["hi: there", "", "a caption", "he left"]
    assert thread.messages[9].attachments == (Attachment("location"),)


@pytest.mark.parametrize(
    ("line", "time"),
    [
        ("[1/14/24, 9:08:07\u202fPM] Jan: x", "2024-01-14 20:08"),
        ("1/14/24, 9:08 PM - Jan: x", "2024-01-14 20:08"),
        ("14.01.24, 12:08 - Jan: x", "2024-01-14 11:08"),
        ("14. 1. 2024 12:08 - Jan: x", "2024-01-14 11:08"),
        ("2024-01-14, 12:08 - Jan: x", "2024-01-14 11:08"),
        ("14.1.2024 klo 12.08 - Jan: x", "2024-01-14 11:08"),
        ("14/1/2024, 12:08 a. m. - Jan: x", "2024-01-13 23:08"),
        ("[2024/1/14 12:08:01] Jan: x", "2024-01-14 11:08"),
    ],
)
def test_dates_of_many_places(tmp_path: Path, line: str, time: str) -> None:
    imported = read(written(tmp_path, line + "\n"))
    assert (times(imported), imported.texts) == ([time], ["x"])


def test_the_order_of_day_and_month_is_found_in_the_file(tmp_path: Path) -> None:
    march = "03/04/2024, 10:00 - Jan: a\n03/05/2024, 10:00 - Jan: b\n04/01/2024, 10:00 - Jan: c\n"
    assert times(read(written(tmp_path, march)))[2] == "2024-04-01 08:00"
    one = written(tmp_path, "03/04/2024, 10:00 - Jan: a\n")
    imported = read(one)
    assert times(imported) == ["2024-04-03 08:00"]
    assert "--dates" in next(iter(imported.run.notes))
    assert times(read(one, day_first=False)) == ["2024-03-04 09:00"]


def test_the_hour_that_comes_twice(tmp_path: Path) -> None:
    lines = ["02:30 - Jan: a", "02:50 - Jan: b", "02:10 - Jan: c", "02:40 - Jan: d", "03:10 - Jan: e"]
    text = "".join(f"27/10/2024, {line}\n" for line in lines)
    assert [time[-5:] for time in times(read(written(tmp_path, text)))] == ["00:30", "00:50", "01:10", "01:40", "02:10"]


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\x00", "13/13/2023, 18:08 - Jan: x\n", "ahoj\n", b"\x80\x81"])
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, text: str | bytes) -> None:
    assert read(written(tmp_path, text)).skipped == ["WhatsApp Chat with Vodáci.txt"]


def test_utf_16_with_its_mark(tmp_path: Path) -> None:
    assert read(written(tmp_path, ANDROID.encode("utf-16"))).texts[2] == "hi: there"
