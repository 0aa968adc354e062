"""What the Prometheus Operator takes: the fields of its API that the chart uses, and no other.

https://prometheus-operator.dev/docs/api-reference/api/
"""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
DURATION = {"type": "string", "pattern": "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$", "minLength": 2}


def _closed(required: str, **fields: Any) -> dict[str, Any]:
    """An object of these fields and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": fields,
    }


def _several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


def _kind(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = _closed("name namespace labels", name=TEXT, namespace=TEXT, labels=TEXTS)
    version = {"const": "monitoring.coreos.com/v1"}
    return _closed(
        "apiVersion kind metadata spec", apiVersion=version, kind={"const": kind}, metadata=metadata, spec=spec
    )


_ENDPOINT = _closed(
    "port",
    port=TEXT,
    path={"type": "string", "pattern": "^/"},
    interval=DURATION,
    scrapeTimeout=DURATION,
    authorization=_closed("credentials", credentials=_closed("name key", name=TEXT, key=TEXT)),
    relabelings=_several(_closed("targetLabel", sourceLabels=_several(TEXT), targetLabel=TEXT)),
)

_RULE = {
    "oneOf": [
        _closed("record expr", record=TEXT, expr=TEXT),
        _closed("alert expr", alert=TEXT, expr=TEXT, **{"for": DURATION}, labels=TEXTS, annotations=TEXTS),
    ]
}

OPERATOR_SCHEMAS = {
    (f"monitoring.coreos.com/{version}", kind): _kind(kind, spec)
    for version, kind, spec in (
        (
            "v1",
            "ServiceMonitor",
            _closed(
                "selector endpoints", selector=_closed("matchLabels", matchLabels=TEXTS), endpoints=_several(_ENDPOINT)
            ),
        ),
        (
            "v1",
            "PrometheusRule",
            _closed("groups", groups=_several(_closed("name rules", name=TEXT, rules=_several(_RULE)))),
        ),
    )
}
