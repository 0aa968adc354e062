"""What the Prometheus Operator and the Gateway API take: the fields that the chart uses, and no other.

https://prometheus-operator.dev/docs/api-reference/api/ and https://gateway-api.sigs.k8s.io/reference/spec/
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


def _kind(version: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = _closed("name namespace labels", name=TEXT, namespace=TEXT, labels=TEXTS, annotations=TEXTS)
    return _closed(
        "apiVersion kind metadata spec",
        apiVersion={"const": version},
        kind={"const": kind},
        metadata=metadata,
        spec=spec,
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

_HOSTNAME = {"type": "string", "pattern": r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"}

_PATH = _closed("type value", type={"enum": ["Exact", "PathPrefix"]}, value={"type": "string", "pattern": "^/"})

_ROUTE = _closed(
    "matches backendRefs",
    name=TEXT,
    matches=_several(_closed("path", path=_PATH)),
    timeouts=_closed("request", request={"type": "string", "pattern": "^([0-9]{1,5}(h|m|s|ms)){1,4}$"}),
    backendRefs=_several(_closed("name port", name=TEXT, port={"type": "integer"})),
)

_SPECS = {
    ("monitoring.coreos.com/v1", "ServiceMonitor"): _closed(
        "selector endpoints", selector=_closed("matchLabels", matchLabels=TEXTS), endpoints=_several(_ENDPOINT)
    ),
    ("monitoring.coreos.com/v1", "PrometheusRule"): _closed(
        "groups", groups=_several(_closed("name rules", name=TEXT, rules=_several(_RULE)))
    ),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): _closed(
        "parentRefs hostnames rules",
        parentRefs=_several(_closed("name", name=TEXT, namespace=TEXT, sectionName=TEXT)),
        hostnames=_several(_HOSTNAME),
        rules=_several(_ROUTE),
    ),
}

OPERATOR_SCHEMAS = {key: _kind(*key, spec) for key, spec in _SPECS.items()}
