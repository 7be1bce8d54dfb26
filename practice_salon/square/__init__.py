"""A Square to practise on: the real HTTP API over a made-up world, with actors outside our app and faults on demand.

`state` is the world, `routes` the table of what it answers, `server` the way to it over HTTP.
"""
