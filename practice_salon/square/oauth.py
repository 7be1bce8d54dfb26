"""What a token may do, told to its holder; and taking the permission back."""

from practice_salon.square.call import Call
from practice_salon.square.events import Actor, merchant_id, publish, record
from practice_salon.square.grants import revoke
from practice_salon.square.state import Doc, World
from practice_salon.square.times import stamp, stamp_ms


def token_status(world: World, call: Call) -> Doc:
    """POST /oauth2/token/status: what the token may do, and until when."""
    answer = {
        "scopes": sorted(call.grant.scopes),
        "client_id": call.grant.application_id,
        "merchant_id": merchant_id(world),
    }
    expires = call.grant.expires_at
    return answer if expires is None else {**answer, "expires_at": stamp(expires)}


def take_back(world: World, actor: Actor, token: str) -> None:
    """The merchant revokes a token: it answers 401 from now on, and oauth.authorization.revoked is told."""
    revocation = {"revoked_at": stamp_ms(world.now()), "revoker_type": "MERCHANT"}
    revoke(world, token)
    record(world, actor, "revoke token")
    number = f"revocation-{world.next_number('revocation')}"
    publish(
        world,
        "oauth.authorization.revoked",
        {"type": "revocation", "id": number, "object": {"revocation": revocation}},
    )
