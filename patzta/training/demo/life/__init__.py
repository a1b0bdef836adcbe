"""The invented life of Vilém Jestřáb, told as the chats of a Messenger export."""
