"""The salon of the road's tests, used here for pulls and looks."""

from tests.sync.converge.conftest import quiet_bookly, salon

__all__ = ["quiet_bookly", "salon"]
