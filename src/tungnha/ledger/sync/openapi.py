"""The OpenAPI document, made from the structs that the program reads and writes. A test holds the file equal to it."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec

from tungnha.ledger.entries import Sent
from tungnha.ledger.kinds import Kind
from tungnha.ledger.sync import wire
from tungnha.ledger.sync.problems import CODES

VERSION = "1.0.0"
_REF = "#/components/schemas/{name}"
_PATHS: dict[str, dict[str, dict[str, Any]]] = {
    "/entries": {
        "post": {
            "summary": "Send a batch of entries, in any order and any number of times",
            "takes": wire.Upload,
            "gives": wire.Uploaded,
            "fails": (400, 401, 413, 415, 503),
        },
        "get": {
            "summary": "Read what is new about the phone's doors",
            "query": {
                "after": "Position of the last page's `after`; 0 at first",
                "limit": f"At most {wire.MOST_NEWS}",
            },
            "gives": wire.Download,
            "fails": (400, 401, 503),
        },
    },
    "/known": {
        "post": {
            "summary": "Ask what the server durably has of some ids",
            "takes": wire.Asked,
            "gives": wire.Known,
            "fails": (400, 401, 413, 415, 503),
        }
    },
    "/state": {
        "get": {
            "summary": "Ask for the server's clock and head, and whether it lost what it once had",
            "query": {"position": "Position of the last head seen", "hash": "Hash of the last head seen"},
            "gives": wire.State,
            "fails": (400, 401, 503),
        }
    },
}


def document(kinds: Iterable[Kind]) -> dict[str, Any]:
    """The document, with the bodies of the kinds that phones write."""
    bodies = [kind for kind in kinds if kind.by_device]
    structs = [wire.Problem, Sent, *(kind.body for kind in bodies)]
    for methods in _PATHS.values():
        for method in methods.values():
            structs += [method[key] for key in ("takes", "gives") if key in method]
    _, schemas = msgspec.json.schema_components(structs, ref_template=_REF)
    schemas["Upload"]["properties"]["entries"] = {
        "type": "array",
        "items": _ref(Sent),
        "maxItems": wire.MOST_ENTRIES,
    }
    schemas["Sent"]["properties"]["body"] = {
        "description": "By kind and version: "
        + "; ".join(f"{kind.name} {kind.version} is {kind.body.__name__}" for kind in bodies),
        "anyOf": [_ref(kind.body) for kind in bodies],
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Từng Nhà: sync",
            "version": VERSION,
            "description": "How phones send entries to the ledger and read news. Explained in sync.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/sync/v1"}],
        "security": [{"session": []}],
        "paths": {
            path: {method: _operation(path, method, facts) for method, facts in methods.items()}
            for path, methods in _PATHS.items()
        },
        "components": {
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
            "schemas": {name: schemas[name] for name in sorted(schemas)},
        },
        "x-problem-codes": CODES,
    }


def text(kinds: Iterable[Kind]) -> str:
    """The document as it stands in its file."""
    return json.dumps(document(kinds), ensure_ascii=False, indent=1) + "\n"


def _operation(path: str, method: str, facts: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": f"{method}{path.title().replace('/', '')}",
        "summary": facts["summary"],
        "responses": {"200": _content("Done", facts["gives"])}
        | {
            str(status): _content(HTTPStatus(status).phrase, wire.Problem, "problem+json")
            for status in facts["fails"]
        },
    }
    if "takes" in facts:
        made["requestBody"] = _content("", facts["takes"]) | {"required": True}
        del made["requestBody"]["description"]
        made["parameters"] = [
            {
                "name": "Content-Encoding",
                "in": "header",
                "schema": {"enum": ["gzip", "zstd"]},
                "required": False,
            }
        ]
    if "query" in facts:
        made["parameters"] = [
            {
                "name": name,
                "in": "query",
                "description": said,
                "schema": {"type": "string"},
                "required": False,
            }
            for name, said in facts["query"].items()
        ]
    return made


def _content(description: str, struct: type[msgspec.Struct], media: str = "json") -> dict[str, Any]:
    return {"description": description, "content": {f"application/{media}": {"schema": _ref(struct)}}}


def _ref(struct: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": _REF.format(name=struct.__name__)}
