"""The core: contracts and domain logic. It is never reloaded while a bot runs."""
