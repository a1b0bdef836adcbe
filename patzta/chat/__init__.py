"""Conversations, and the one written form in which a language model reads and writes them."""
