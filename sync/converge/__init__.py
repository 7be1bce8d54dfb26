"""The only way to write to Bookly or to Square: one road, for what a person asked and what was learnt."""

from sync.converge.carry import converge, given_up
from sync.converge.hinted import Ended, converge_hint, verdict_now
from sync.converge.house import House
from sync.converge.opening import open_house
from sync.converge.waiting import Waiting

__all__ = ["Ended", "House", "Waiting", "converge", "converge_hint", "given_up", "open_house", "verdict_now"]
