"""Reading a request's body, of which nobody has to believe how long it is."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from sync.intake.news import Reason, Refused

MOST_BYTES = 256 * 1024
"""No webhook of either side comes near it."""
WITHIN = 10.0
"""Seconds for the whole body to come."""


async def read_body(request: Request, most: int = MOST_BYTES, within: float = WITHIN) -> bytes:
    """The raw body. Raises Refused: 413 as soon as it is larger than `most`, whatever was announced; 408 when it does
    not come; 400 when it breaks off."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > most:
        raise Refused(413, Reason.TOO_LARGE)
    try:
        async with asyncio.timeout(within):
            return await _all_of(request, most)
    except TimeoutError:
        raise Refused(408, Reason.TOO_SLOW) from None
    except ClientDisconnect:
        raise Refused(400, Reason.BROKEN_OFF) from None


async def _all_of(request: Request, most: int) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise Refused(413, Reason.TOO_LARGE)
        chunks.append(chunk)
    return b"".join(chunks)
