"""Running an agreement backwards over a log: replay, its tables, and the manifest that repeats it."""

from naer.history.run import Replay, replay

__all__ = ["Replay", "replay"]
