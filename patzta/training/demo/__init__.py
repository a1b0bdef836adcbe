"""The demo double: an invented person's life, a tiny base model, and the way from one to the other."""
