"""Reading the chats that people exported elsewhere: one module a format, each giving conversations one at a time."""
