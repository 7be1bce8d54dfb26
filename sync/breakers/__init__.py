"""The guard before each calendar: a side that does not answer is left alone, and one call at a time tries it again."""

from sync.breakers.guarded import GuardedReader, GuardedWriter, guarded_read
from sync.breakers.keeper import Breakers, Kept, Permit

__all__ = ["Breakers", "GuardedReader", "GuardedWriter", "Kept", "Permit", "guarded_read"]
