"""The checker itself, on a description of one operation."""

import json

import pytest

from tests.openapi import OpenAPI

DESCRIPTION = {
    "paths": {
        "/things/{id}": {
            "get": {"responses": {"404": {"description": "none"}}},
        },
        "/things/@me": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {
                    "200": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                },
            },
        },
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "attachments": {"items": {"$ref": "#/components/schemas/Thing"}},
                },
            },
        },
    },
}


@pytest.fixture
def api(tmp_path):
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(DESCRIPTION))
    return OpenAPI(path)


def exchange(**changes):
    body = {"id": str(2**60)}
    plain = {"method": "POST", "path": "/things/@me", "query": {}, "content_type": "application/json"}
    return plain | {"request": body, "files": [], "status": 200, "response": body} | changes


def test_a_kept_contract(api):
    assert api.check(exchange()) == []


def test_ids_may_be_numbers_in_requests_only(api):
    assert api.check(exchange(request={"id": 2**60, "attachments": [{"id": 0}]})) == []
    assert "is not of type 'string'" in api.check(exchange(response={"id": 2**60}))[0]


def test_what_is_missing_is_named(api):
    (problem,) = api.check(exchange(response={}))
    assert problem == "POST /things/@me response 200: body: 'id' is a required property"


def test_unknown_operations_and_statuses(api):
    assert "no such operation" in api.check(exchange(path="/nothing"))[0]
    assert api.check(exchange(path="/nothing", status=404)) == []
    assert "status 201 is not described" in api.check(exchange(status=201))[0]
