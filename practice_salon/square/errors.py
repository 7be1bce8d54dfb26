"""Refusals in Square's shape: `{"errors": [{"category", "code", "detail", "field"}]}` with an HTTP status.

Square documents no status for an error, so the statuses are this server's reading of common practice.
"""

from dataclasses import dataclass

from practice_salon.square.state import Doc

INVALID = "INVALID_REQUEST_ERROR"
AUTH = "AUTHENTICATION_ERROR"
API = "API_ERROR"
RATE = "RATE_LIMIT_ERROR"
PLAN = "MERCHANT_SUBSCRIPTION_ERROR"


@dataclass(eq=False)
class SquareError(Exception):
    """One refusal: what the caller is told, and with which HTTP status."""

    status: int
    category: str
    code: str
    detail: str
    field: str | None = None

    def doc(self) -> Doc:
        """The error as one entry of `errors`."""
        entry = {"category": self.category, "code": self.code, "detail": self.detail}
        return entry if self.field is None else {**entry, "field": self.field}

    def body(self) -> Doc:
        """The whole answer body."""
        return {"errors": [self.doc()]}


def invalid(code: str, detail: str, field: str | None = None) -> SquareError:
    """A request that cannot be taken as it is: HTTP 400."""
    return SquareError(400, INVALID, code, detail, field)


def missing(field: str) -> SquareError:
    """A field that must be there and is not."""
    return invalid("MISSING_REQUIRED_PARAMETER", f"Field `{field}` is required.", field)


def not_found(what: str, field: str | None = None) -> SquareError:
    """No such thing, or not for this caller: HTTP 404."""
    return SquareError(404, INVALID, "NOT_FOUND", f"The {what} was not found.", field)


def stale(status: int) -> SquareError:
    """The version sent is not the current one. Square documents neither status nor code: 409 or 400 by the rules."""
    code = "CONFLICT" if status == 409 else "BAD_REQUEST"
    return SquareError(status, INVALID, code, "The version sent is not the current version.", "version")


def taken(status: int) -> SquareError:
    """A buyer asked for a time that cannot be had. Square documents neither status nor code."""
    code = {400: "BAD_REQUEST", 409: "CONFLICT", 422: "UNPROCESSABLE_ENTITY"}[status]
    return SquareError(status, INVALID, code, "The requested time is not available.", "start_at")


def unauthorized(code: str = "UNAUTHORIZED") -> SquareError:
    """No token, an unknown one, or one that is over: HTTP 401."""
    return SquareError(401, AUTH, code, "This request could not be authorized.")


def out_of_scope() -> SquareError:
    """The token lacks a permission: HTTP 403."""
    return SquareError(403, AUTH, "INSUFFICIENT_SCOPES", "The merchant has not given your application permission.")


def needs_plan() -> SquareError:
    """A seller-level write in a salon without Appointments Plus or Premium: HTTP 403."""
    return SquareError(403, PLAN, "MERCHANT_SUBSCRIPTION_NOT_FOUND", "The merchant's plan does not allow this write.")
