"""Running an agreement backwards over a log: replay, its tables, and the manifest that repeats it."""

from naer.history.log import EventLog, Log
from naer.history.question import Replay
from naer.history.run import ENGINES, replay

__all__ = ["ENGINES", "EventLog", "Log", "Replay", "replay"]
