"""Moved to tests.servers.redis_forms."""

from tests.servers.redis_forms import (
    MASTER,
    SENTINELS,
    SMALLEST_ACL,
    ClusterNode,
    Guarded,
    SentinelServer,
    acl_user,
    redis_cluster,
    tls_arguments,
)

__all__ = [
    "MASTER",
    "SENTINELS",
    "SMALLEST_ACL",
    "ClusterNode",
    "Guarded",
    "SentinelServer",
    "acl_user",
    "redis_cluster",
    "tls_arguments",
]
