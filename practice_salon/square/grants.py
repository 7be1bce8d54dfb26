"""Who calls: tokens, what each may do, and whether it still may."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from practice_salon.square.errors import out_of_scope, unauthorized
from practice_salon.square.state import Doc, World
from practice_salon.square.times import moment

BASE_SCOPES = frozenset(
    {
        "APPOINTMENTS_READ",
        "APPOINTMENTS_WRITE",
        "APPOINTMENTS_BUSINESS_SETTINGS_READ",
        "CUSTOMERS_READ",
        "CUSTOMERS_WRITE",
        "ITEMS_READ",
        "EMPLOYEES_READ",
        "MERCHANT_PROFILE_READ",
    }
)
SELLER_SCOPES = frozenset({"APPOINTMENTS_ALL_READ", "APPOINTMENTS_ALL_WRITE"})
ALL_SCOPES = BASE_SCOPES | SELLER_SCOPES
TOKEN = "practice"  # the well-known token of a server that holds nothing real
APPLICATION = "sq0idp-practice"

Kind = Literal["personal", "oauth"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for. A personal token may do everything and never expires."""

    token: str
    kind: Kind
    application_id: str
    scopes: frozenset[str]
    expires_at: datetime | None = None
    revoked: bool = False

    @property
    def reads_all(self) -> bool:
        """Seller-level reading: every booking, not only those the application made."""
        return self.kind == "personal" or {"APPOINTMENTS_READ", "APPOINTMENTS_ALL_READ"} <= self.scopes

    @property
    def writes_all(self) -> bool:
        """Seller-level writing: any booking, at any time, over any other."""
        return self.kind == "personal" or {"APPOINTMENTS_WRITE", "APPOINTMENTS_ALL_WRITE"} <= self.scopes

    def may(self, scopes: frozenset[str]) -> bool:
        """Whether all these permissions were given."""
        return self.kind == "personal" or scopes <= self.scopes


def add_grant(
    world: World,
    token: str,
    kind: Kind = "oauth",
    scopes: frozenset[str] = ALL_SCOPES,
    application_id: str = APPLICATION,
    expires_at: str | None = None,
) -> Doc:
    """Lets a token in, or changes what it may. `expires_at` is RFC 3339 or None for never."""
    doc = {
        "token": token,
        "kind": kind,
        "application_id": application_id,
        "scopes": sorted(scopes),
        "expires_at": expires_at,
        "revoked": False,
    }
    return world["grants"].put(token, doc)


def revoke(world: World, token: str) -> None:
    """The merchant takes the permission back: the token answers 401 ACCESS_TOKEN_REVOKED from now on."""
    doc = world["grants"].get(token)
    if doc is not None:
        world["grants"].put(token, {**doc, "revoked": True})


def grant_of(doc: Doc) -> Grant:
    """The grant that a document of the table describes."""
    expires = doc["expires_at"]
    return Grant(
        token=doc["token"],
        kind=doc["kind"],
        application_id=doc["application_id"],
        scopes=frozenset(doc["scopes"]),
        expires_at=None if expires is None else moment(expires),
        revoked=doc["revoked"],
    )


def admit(world: World, authorization: str | None, scopes: frozenset[str]) -> Grant:
    """The caller's grant. Raises SquareError 401 without a good token, 403 when a permission is missing."""
    word, _, token = (authorization or "").partition(" ")
    doc = world["grants"].get(token.strip()) if word.lower() == "bearer" else None
    if doc is None:
        raise unauthorized()
    grant = grant_of(doc)
    if grant.revoked:
        raise unauthorized("ACCESS_TOKEN_REVOKED")
    if grant.expires_at is not None and grant.expires_at <= world.now():
        raise unauthorized("ACCESS_TOKEN_EXPIRED")
    if not grant.may(scopes):
        raise out_of_scope()
    return grant


def sees_all(world: World, application_id: str) -> bool:
    """Whether that application holds a grant in force that shows it every booking."""
    grants = [grant_of(doc) for doc in world["grants"].values() if doc["application_id"] == application_id]
    now = world.now()
    return any(g.reads_all and not g.revoked and (g.expires_at is None or g.expires_at > now) for g in grants)
