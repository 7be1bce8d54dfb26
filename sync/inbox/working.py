"""The worker process: clicks in one thread, hints side by side in others, and one that looks at what dead letters would
do; until it is stopped."""

from __future__ import annotations

import sys
import threading

from sync import logs
from sync.converge import House
from sync.inbox.claims import Claims
from sync.inbox.crew import LOOK_EVERY
from sync.inbox.looking import look_until
from sync.inbox.memory import keep_what_is_loaded, share_memory
from sync.inbox.opening import open_claims, open_crew, open_worker
from sync.inbox.waking import Bell, Ringer

SWITCH_SECONDS = 0.0005
"""How long a thread of the worker may keep the others from running. Python's own 5 ms would be waited for after nearly
every statement and answer, since each of them lets go of the interpreter: several times what a hint costs by itself."""


def work_until(stop: threading.Event, house: House, ringer: Ringer) -> None:
    """Carry requests and hints until `stop` is set; what is under way then is carried to its end."""
    sys.setswitchinterval(SWITCH_SECONDS)
    share_memory()
    keep_what_is_loaded()
    bell, claims, over = Bell(house.engine), open_claims(house), threading.Event()
    holding = threading.Thread(target=claims.keep_renewing, args=(over,), name="claims")
    crew = threading.Thread(target=_carry_hints, args=(house, claims, bell, ringer, stop), name="crew")
    looker = threading.Thread(target=look_until, args=(stop, house), name="looker")
    holding.start()
    crew.start()
    looker.start()
    worker = open_worker(house, claims)

    def stopped(wait: float) -> bool:
        return stop.wait(wait) or not crew.is_alive()

    try:
        worker.work_until(stopped)
    finally:
        stop.set()
        ringer.ring()
        crew.join()
        looker.join()
        over.set()
        holding.join()
        bell.close()


def _carry_hints(house: House, claims: Claims, bell: Bell, ringer: Ringer, stop: threading.Event) -> None:
    crew = open_crew(house, ringer.ring, claims)
    while not stop.is_set():
        try:
            crew.work_until(stop.is_set, bell.wait)
        except Exception as error:  # the store was away for a moment: what was claimed comes back by itself
            logs.failed("hints_not_taken_up", error)
            stop.wait(LOOK_EVERY)
