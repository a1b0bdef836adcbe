"""Behaviour: what people see of the bot, reloadable while it runs."""
