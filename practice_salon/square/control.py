"""The control routes under /practice/: faults, the clock, rules, tokens, counts, acts of people, and the truth.

No path of Square's begins so. They ask for no token; the server listens on 127.0.0.1 only.
"""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from practice_salon.square import oauth
from practice_salon.square.acts import ACTS, perform
from practice_salon.square.errors import SquareError
from practice_salon.square.events import Actor
from practice_salon.square.faults import FAULTS
from practice_salon.square.grants import ALL_SCOPES, APPLICATION, add_grant
from practice_salon.square.state import Doc, World
from practice_salon.square.times import stamp_ms

Control = Callable[[World, Doc], Doc]


def control_routes(world: World) -> list[Route]:
    """The Starlette routes; each takes and gives a JSON object."""
    table: tuple[tuple[str, str, Control], ...] = (
        ("GET", "/practice/faults", list_faults),
        ("POST", "/practice/faults", arm_fault),
        ("DELETE", "/practice/faults", clear_faults),
        ("GET", "/practice/clock", clock),
        ("POST", "/practice/clock", advance),
        ("GET", "/practice/counts", counts),
        ("DELETE", "/practice/counts", clear_counts),
        ("GET", "/practice/rules", rules),
        ("POST", "/practice/rules", set_rules),
        ("POST", "/practice/grants", grant),
        ("DELETE", "/practice/grants", take_back),
        ("GET", "/practice/act", list_acts),
        ("POST", "/practice/act", act),
        ("GET", "/practice/truth", truth),
        ("GET", "/practice/deliveries", deliveries),
    )
    return [Route(path, _endpoint(world, control), methods=[method]) for method, path, control in table]


def _endpoint(world: World, control: Control) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            body = _object(await request.body())
            with world.change():
                return JSONResponse(control(world, body))
        except SquareError as refused:
            return JSONResponse(refused.body(), refused.status)
        except (KeyError, TypeError, ValueError) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)

    return answer


def _object(raw: bytes) -> Doc:
    body = json.loads(raw or b"{}")
    if not isinstance(body, dict):
        raise TypeError("the body is not a JSON object")
    return body


def list_faults(world: World, _body: Doc) -> Doc:
    """What can be armed, and what is, each with how often it was met and fired."""
    known = [{"name": fault.name, "does": fault.does, "routes": list(fault.routes)} for fault in FAULTS]
    return {"faults": known, "armed": [armed.doc() for armed in world.faults.armed]}


def arm_fault(world: World, body: Doc) -> Doc:
    """{name, route, nth = 1, times = 1, seconds?}."""
    armed = world.faults.arm(
        body["name"], body["route"], int(body.get("nth", 1)), int(body.get("times", 1)), body.get("seconds")
    )
    return armed.doc()


def clear_faults(world: World, _body: Doc) -> Doc:
    """Disarms all."""
    world.faults.clear()
    return {}


def clock(world: World, _body: Doc) -> Doc:
    """Server time."""
    return {"now": stamp_ms(world.now())}


def advance(world: World, body: Doc) -> Doc:
    """{seconds}: moves server time on."""
    return {"now": stamp_ms(world.advance(float(body["seconds"])))}


def counts(world: World, _body: Doc) -> Doc:
    """Calls per route since the start or since they were cleared, the disturbed ones too."""
    return {"counts": dict(world.counts)}


def clear_counts(world: World, _body: Doc) -> Doc:
    """Counts from zero again."""
    world.counts.clear()
    return {}


def rules(world: World, _body: Doc) -> Doc:
    """The rules in force."""
    return {"rules": world["meta"].get("rules") or _plain(world)}


def set_rules(world: World, body: Doc) -> Doc:
    """{rule: value, ...}; see `state.Rules`."""
    world.set_rules(**body)
    return rules(world, {})


def _plain(world: World) -> Doc:
    found = world.rules
    return {name: getattr(found, name) for name in type(found).__dataclass_fields__}


def grant(world: World, body: Doc) -> Doc:
    """{token, kind = "oauth", scopes?, application_id?, expires_at?}: lets a token in or changes it."""
    scopes = frozenset(body.get("scopes", ALL_SCOPES))
    application = body.get("application_id", APPLICATION)
    return add_grant(world, body["token"], body.get("kind", "oauth"), scopes, application, body.get("expires_at"))


def take_back(world: World, body: Doc) -> Doc:
    """{token}: the merchant revokes it."""
    oauth.take_back(world, Actor("owner", "owner"), body["token"])
    return {}


def list_acts(_world: World, _body: Doc) -> Doc:
    """Who can do what."""
    return {"acts": [{"who": who, "what": what} for who, what in ACTS]}


def act(world: World, body: Doc) -> Doc:
    """{who, what, by?, ...}: see `acts`. Answers 4xx in Square's shape when it cannot be done."""
    params = {key: value for key, value in body.items() if key not in ("who", "what")}
    return perform(world, body["who"], body["what"], params)


def truth(world: World, _body: Doc) -> Doc:
    """Everything that was done, by whom; every booking with its own history; the hidden blocks."""
    deeds = world["deeds"].values()
    history: dict[str, list[Doc]] = {}
    for deed in deeds:
        if "booking_id" in deed:
            history.setdefault(deed["booking_id"], []).append(deed)
    bookings = [
        {"booking": kept["booking"], "application_id": kept["application_id"], "history": history.get(key, [])}
        for key, kept in world["bookings"].items()
    ]
    return {"bookings": bookings, "deeds": deeds, "blocks": world["blocks"].values()}


def deliveries(world: World, _body: Doc) -> Doc:
    """Webhooks that still wait, with attempts and due times."""
    names = ("subscription_id", "event_id", "type", "attempt", "reason", "due_at", "held")
    return {"waiting": [{name: waiting[name] for name in names} for waiting in world["deliveries"].values()]}
