"""The web side: a Flask app with a fast path in front, and the worker that serves both.

Whoever starts workers needs ``launch`` alone, and is sooner ready without the rest: so this door
opens to modules, and loads none.
"""
