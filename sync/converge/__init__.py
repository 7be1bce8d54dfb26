"""The only way to write to Bookly or to Square: `converge(house, request)`, one request, one road."""

from sync.converge.carry import converge, given_up
from sync.converge.house import House
from sync.converge.opening import open_house
from sync.converge.waiting import Waiting

__all__ = ["House", "Waiting", "converge", "given_up", "open_house"]
