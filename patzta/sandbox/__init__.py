"""A local server that speaks Discord's bot API (REST v10 and gateway), with a web page to chat as several people.

A process of its own (`python -m patzta.sandbox`): it listens on loopback only, keeps everything in memory and knows
nothing of discord.py, so what a bot library does to it is what that library would do to Discord.

    world.py       the seeded guilds, channels and people        models.py     what they are made of
    state.py       all state, look-ups and the event bus         permissions.py, snowflake.py, errors.py, reading.py

    what can happen, with Discord's rules, whoever does it:
    drafts.py -> messages.py, reactions.py, channels.py          components.py, commands.py
    interactions.py (a person acts) -> payloads.py (what the bot is sent) -> answers.py (what the bot does with it)

    for bots:      gateway.py, intents.py (websocket), rest/ (HTTP), serialise.py (models -> Discord's JSON), media.py
    for people:    control.py (HTTP), live.py (websocket), snapshot.py, page/ (the web page), client.py
    around it:     app.py, http.py (guard, errors, bodies), record.py, __main__.py (command line)
"""
