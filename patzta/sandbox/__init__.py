"""A local server that speaks Discord's bot API (REST v10 and gateway), with a web page to chat as several people.

A process of its own (`bin/sandbox`): it listens on loopback only, keeps everything in memory and knows
nothing of discord.py, so what a bot library does to it is what that library would do to Discord.

    world.py       the seeded guilds, channels and people        models.py     what they are made of
    state.py       all state, look-ups and the event bus         clock.py      time, which tests move
    permissions.py, snowflake.py, errors.py, reading.py

    what can happen, with Discord's rules, whoever does it:
    drafts.py, unfurl.py -> messages.py, polls.py, reactions.py, channels.py, overwrites.py, roles.py, webhooks.py
    components.py, forms.py, commands.py
    interactions.py (a person acts) -> payloads.py (what the bot is sent) -> answers.py (what the bot does with it)

    for bots:      gateway.py, sessions.py, intents.py (websocket), rest/ (HTTP),
                   serialise.py (models -> Discord's JSON), media.py, limits.py (rate limits)
    for people:    control.py, acts.py (HTTP), live.py (websocket), snapshot.py, page/ (the web page), client.py
    for tests:     faults.py, experiments.py (clock, limits, log), process.py, pointing.py, fixtures.py (pytest)
    around it:     app.py, http.py (guard, errors, bodies), record.py, sharing.py (bots that come and go),
                   __main__.py (command line)
"""
