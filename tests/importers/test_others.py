"""Signal, iMessage, WeChat, and Meta's HTML."""

import json
from datetime import UTC, datetime
from pathlib import Path

from patzta.chat.conversation import Attachment, Reaction
from tests.importers.reading import read

HTML_2023 = """<html><head><title>Bára Malá</title></head><body>
<div class="_3-95 _a6-g"><h2 class="_2ph_ _a6-h _a6-i">Bára Malá</h2><div class="_2ph_ _a6-p"><div><div></div>
<div>druhá &amp; poslední</div><div></div>
<div><ul class="_a6-q"><li><span>❤Vilém Nový</span></li></ul></div></div></div>
<footer class="_3-94 _a6-o"><div class="_a72d">Feb 10, 2024 6:02:09 pm</div></footer></div>
<div class="_3-95 _a6-g"><h2 class="_2ph_ _a6-h _a6-i">Vilém Nový</h2><div class="_2ph_ _a6-p"><div><div></div>
<div></div><div><img src="x.jpg"></div></div></div>
<footer class="_3-94 _a6-o"><div class="_a72d">Feb 10, 2024 6:01:00 pm</div></footer></div>
<div class="_3-95 _a6-g"><h2 class="_2ph_ _a6-h _a6-i">Bára Malá</h2><div class="_2ph_ _a6-p"><div>
<div>Bára sent an attachment.</div></div></div>
<footer class="_3-94 _a6-o"><div class="_a72d">kdysi</div></footer></div>
</body></html>"""
HTML_2019 = """<html><head><title>Bára</title></head><body>
<div class="pam _3-95 _2pi0 _2lej uiBoxWhite noborder"><div class="_3-96 _2pio _2lek _2lel">Bára</div>
<div class="_3-96 _2let"><div><div></div><div>ahoj</div><div></div></div></div>
<div class="_3-94 _2lem">Oct 19, 2019, 2:37 PM</div></div></body></html>"""


def test_html(tmp_path: Path) -> None:
    for name, text in (("bara_1", HTML_2023), ("stara_2", HTML_2019)):
        (tmp_path / "messages/inbox" / name).mkdir(parents=True)
        (tmp_path / "messages/inbox" / name / "message_1.html").write_text(text)
    imported = read(tmp_path)
    new, old = imported.conversations
    assert (new.title, new.source, new.participants) == ("Bára Malá", "messenger", ("Vilém Nový", "Bára Malá"))
    assert [message.text for message in new.messages] == ["", "druhá & poslední"]
    assert new.messages[0].attachments == (Attachment("photo"),)
    assert new.messages[1].reactions == (Reaction("Vilém Nový", "❤"),)
    assert new.messages[1].time == datetime(2024, 2, 10, 17, 2, 9, tzinfo=UTC)
    assert [message.text for message in old.messages] == ["ahoj"]
    assert imported.skipped == ["messages/inbox/bara_1/message_1.html"]


def test_signal_export(tmp_path: Path) -> None:
    (tmp_path / "Bára").mkdir()
    lines = [
        {"date": "2024-05-01T12:00:00", "sender": "Bára", "body": "ahoj  ", "reactions": [["Me", "❤"]]},
        {"date": "2024-05-01T12:01:00", "sender": "Me", "body": "čau", "quote": "\n\n> ahoj\n\n"},
        {"date": "2024-05-01T12:02:00", "sender": "Bára", "body": "", "sticker": {"id": 1}},
        {"date": "2024-05-01T12:03:00", "sender": "Bára", "body": "x", "deleted": True},
        {"date": "kdysi", "sender": "Bára", "body": "x"},
    ]
    text = "\n".join(json.dumps(line) for line in [*lines, *lines])
    (tmp_path / "Bára" / "data.json").write_text(text + "\n{")
    imported = read(tmp_path, me=("Vilém",))
    [thread] = imported.conversations
    assert (thread.source, thread.title, thread.participants) == ("signal", "Bára", ("Bára", "Vilém"))
    assert imported.texts == ["ahoj", "čau", "", ""]
    assert imported.kinds[3] == "unsent"
    assert thread.messages[0].reactions == (Reaction("Vilém", "❤"),)
    assert thread.messages[2].attachments == (Attachment("sticker"),)
    assert imported.skipped == ["Bára/data.json"] * 2


def test_signals_own_export(tmp_path: Path) -> None:
    item = {"chatId": "7", "authorId": "2", "dateSent": "1714557600000"}
    lines = [
        {"version": 1},
        {"recipient": {"id": "2", "contact": {"profileGivenName": "Bára"}}},
        {"chat": {"id": "7", "recipientId": "2"}},
        {"chatItem": {**item, "incoming": {}, "standardMessage": {"text": {"body": "ahoj"}}}},
        {"chatItem": {**item, "outgoing": {}, "standardMessage": {"text": {"body": "čau"}, "attachments": [{}]}}},
        {"chatItem": {**item, "remoteDeletedMessage": {}}},
        {"chatItem": {**item, "updateMessage": {}}},
    ]
    (tmp_path / "main.jsonl").write_text("\n".join(map(json.dumps, lines)))
    imported = read(tmp_path)
    [thread] = imported.conversations
    assert (thread.title, thread.participants) == ("Bára", ("Bára", "Me"))
    assert (imported.texts, imported.kinds) == (["ahoj", "čau", "", ""], ["message", "message", "unsent", "system"])


IMESSAGE = """May 01, 2024 12:00:00 PM (Read by you after 5 seconds)
Bára
ahoj
druhý řádek
Reactions:
Loved by Me

    May 01, 2024 12:01:00 PM
    Me
    čau

May 01, 2024 12:01:00 PM
Me
čau
This message responded to an earlier message.

May 01, 2024 12:02:00 PM Bára named the conversation Vodáci

May 01, 2024 12:03:00 PM
Bára
/Users/x/Library/Messages/Attachments/a.HEIC
hele

"""


def test_imessage(tmp_path: Path) -> None:
    (tmp_path / "+420777123456.txt").write_text(IMESSAGE)
    imported = read(tmp_path)
    [thread] = imported.conversations
    assert (thread.source, thread.participants) == ("imessage", ("Bára", "Me"))
    assert imported.texts == ["ahoj\ndruhý řádek", "čau", "Bára named the conversation Vodáci", "hele"]
    assert imported.kinds[2] == "system"
    assert thread.messages[0].reactions == (Reaction("Me", "❤"),)
    assert thread.messages[3].attachments == (Attachment("file"),)


def test_wechat(tmp_path: Path) -> None:
    (tmp_path / "bara").mkdir()
    head = "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime\n"
    first = '1,11,文本,0,bara,,"ahoj\nty",,2024/10/4 11:42\n2,12,图片,1,me,,,a.jpg,2024-10-04 11:43:00\n'
    (tmp_path / "bara" / "bara_0_2.csv").write_text(head + first)
    (tmp_path / "bara" / "bara_1_3.csv").write_text(
        head + "2,12,图片,1,me,,,a.jpg,2024-10-04 11:43:00\n3,13,系统通知,0,bara,,x,,\n"
    )
    imported = read(tmp_path)
    [thread] = imported.conversations
    assert (thread.title, thread.participants, imported.texts) == ("bara", ("bara", "Me"), ["ahoj\nty", ""])
    assert imported.skipped == ["bara/bara_1_3.csv"]
