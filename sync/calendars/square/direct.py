"""The calls that are made often, sent by the `squareup` client's own sender (its address, token and version) and
answered as the JSON that came. The models which the client would make of an answer cost more than all else on the road,
and half of a whole read.
"""

from __future__ import annotations

from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any

import httpx
from square import Square
from square.core.api_error import ApiError
from square.core.request_options import RequestOptions


def sent(
    api: Square,
    options: RequestOptions,
    method: str,
    path: str,
    params: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> httpx.Response:
    """The answer to one call on a path of Square's, as it came. Raises what httpx raises."""
    return api._client_wrapper.httpx_client.request(
        path,
        method=method,
        params=dict(params) if params is not None else None,
        json=body,
        headers={"content-type": "application/json"} if body is not None else None,
        request_options=options,
    )


def doc_of(response: httpx.Response) -> Any:
    """Its JSON. Raises ApiError as the client does: for every status but success, and for what is no JSON."""
    try:
        doc = response.json()
    except JSONDecodeError:
        doc = None
    if doc is None or not response.is_success:
        body = response.text if doc is None else doc
        raise ApiError(status_code=response.status_code, headers=dict(response.headers), body=body)
    return doc
