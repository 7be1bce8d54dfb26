"""The only way to write to Bookly or to Square: `converge(house, request)`, one request, one road."""

from sync.converge.carry import Waiting, converge, given_up
from sync.converge.house import House
from sync.converge.opening import open_house

__all__ = ["House", "Waiting", "converge", "given_up", "open_house"]
