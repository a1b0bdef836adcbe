"""From conversations to a dataset folder: cleaned sessions of one person's chats, split by time.

    train.jsonl, validation.jsonl, test.jsonl    one session, or a window of a long one, a line
    settings.json                                whose double it is for, and how it was built
    card.md                                      what is in it, what was left out and why

Sessions are conversations, not token ids, so a dataset serves any base model.
"""
