"""Carries webhooks: posts what is due, in order for each subscription, and writes down what came of it."""

import asyncio
from contextlib import suppress
from itertools import groupby

import httpx

from practice_salon.square.state import World
from practice_salon.square.webhooks import Parcel, due_parcels, next_due, settle

LONGEST_NAP_S = 3600.0


class Courier:
    """The delivering task of a running server."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Delivers until it is cancelled; wakes on each change of the world and when a delivery falls due."""
        stop_listening = self.world.on_change(self._nudge)
        try:
            async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
                while True:
                    self._wake.clear()
                    if not await self._round(client):
                        with suppress(TimeoutError):
                            await asyncio.wait_for(self._wake.wait(), self._nap())
        finally:
            stop_listening()

    def _nudge(self) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._wake.set)

    def _nap(self) -> float:
        with self.world.lock:
            due = next_due(self.world)
            wait = LONGEST_NAP_S if due is None else (due - self.world.now()).total_seconds()
        frozen = self.world.clock.frozen_at is not None
        return LONGEST_NAP_S if frozen else min(max(wait, 0.0), LONGEST_NAP_S)

    async def _round(self, client: httpx.AsyncClient) -> bool:
        """Sends what is due; whether there was anything."""
        with self.world.lock:
            parcels = due_parcels(self.world, self.world.now())
        by_hook = sorted(parcels, key=lambda parcel: parcel.subscription_id)
        rows = [list(group) for _, group in groupby(by_hook, key=lambda parcel: parcel.subscription_id)]
        await asyncio.gather(*(self._carry(client, row) for row in rows))
        return bool(parcels)

    async def _carry(self, client: httpx.AsyncClient, parcels: list[Parcel]) -> None:
        for parcel in parcels:
            reason = await self._post(client, parcel)
            with self.world.change():
                settle(self.world, parcel, reason)

    async def _post(self, client: httpx.AsyncClient, parcel: Parcel) -> str | None:
        """None for a 2xx, else the reason as Square names it."""
        try:
            status = await post(client, parcel, self.world.rules.webhook_timeout_s)
        except httpx.TimeoutException:
            return "http_timeout"
        except httpx.HTTPError:
            return "other_error"
        return None if 200 <= status < 300 else "http_error"


async def post(client: httpx.AsyncClient, parcel: Parcel, timeout_s: float) -> int:
    """Posts one parcel and returns the status. Raises httpx.HTTPError."""
    answer = await client.post(parcel.url, content=parcel.body.encode(), headers=parcel.headers, timeout=timeout_s)
    return answer.status_code
