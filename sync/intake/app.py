"""The application: which address leads where."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sync.intake.bookly import BooklySign
from sync.intake.door import Door, Rates, caller_of, refusal
from sync.intake.health import Health
from sync.intake.keeper import Keeper
from sync.intake.news import Refused
from sync.intake.square import SquareSign
from sync.model import Side
from sync.settings import Settings

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Metrics = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Signs:
    """How each side signs."""

    square: SquareSign
    bookly: BooklySign


def signs(settings: Settings) -> Signs:
    """As the settings say."""
    key = settings.square_webhook_signature_key.get_secret_value()
    square = SquareSign(settings.square_webhook_url, key, settings.square_location_id.strip())
    return Signs(square, BooklySign(settings.bookly_webhook_secrets))


@dataclass(frozen=True, slots=True)
class Intake:
    """What the doors share."""

    signs: Signs
    keeper: Keeper
    rates: Rates = field(default_factory=Rates)


def app(intake: Intake, metrics: Metrics | None = None, more: Sequence[BaseRoute] = ()) -> Starlette:
    """The application. `metrics` gives the text of GET /metrics, which is not there without it. `more`: further
    routes."""
    square = Door(Side.SQUARE, intake.signs.square.read, intake.keeper, intake.rates)
    bookly = Door(Side.BOOKLY, intake.signs.bookly.read, intake.keeper, intake.rates)
    health = Health(intake.keeper, intake.rates)
    routes: list[BaseRoute] = [
        Route("/webhooks/square", square.answer, methods=["POST"]),
        Route("/webhooks/bookly", bookly.answer, methods=["POST"]),
        Route("/healthz", health.alive),
        Route("/readyz", health.ready),
        *([Route("/metrics", _metrics(metrics, intake.rates))] if metrics else []),
        *more,
    ]
    return Starlette(routes=routes, lifespan=_with(intake.keeper))


def _metrics(text: Metrics, rates: Rates) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        try:
            rates.call(caller_of(request))
        except Refused as refused:
            return refusal(refused)
        return Response(await run_in_threadpool(text), headers={"content-type": METRICS_TYPE})

    return answer


def _with(keeper: Keeper) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        keeper.start()
        try:
            yield
        finally:
            await keeper.stop()

    return lifespan
