"""Values of the chart, as different installations have them."""

from typing import Any

SETS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "all of its own": {"redis": {"bundled": True}, "postgresql": {"bundled": True}},
    "ingress with TLS": {"ingress": {"enabled": True, "host": "a.example.com", "tlsSecret": "a-tls"}, "hosts": ["b.c"]},
    "ingress of another kind": {
        "ingress": {
            "enabled": True,
            "className": "traefik",
            "annotations": {"a/b": "c"},
            "socketAnnotations": {"nginx.ingress.kubernetes.io/enable-access-log": "true"},
        },
        "https": True,
    },
    "one replica": {
        "backend": {"replicas": 1, "disruptionBudget": {"enabled": False}, "proxyHeaders": False},
        "autoscaling": {"enabled": False},
        "migrations": {"enabled": False},
        "retention": {"eventDays": 0, "historyDays": 0, "trashDays": 0},
        "mail": {"host": "mail.example.com", "security": "tls", "port": 465, "existingSecret": "todo-mail"},
    },
    "large": {
        "backend": {
            "workers": 4,
            "drainSeconds": 120,
            "preStopSeconds": 15,
            "resources": {"requests": {"cpu": 4, "memory": "2Gi"}, "limits": {"memory": "4Gi"}},
            "podAnnotations": {"a": "b"},
            "podLabels": {"team": "a"},
            "nodeSelector": {"disk": "fast"},
            "tolerations": [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}],
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}},
            "priorityClassName": "high",
            "disruptionBudget": {"maxUnavailable": "25%"},
        },
        "autoscaling": {"minReplicas": 4, "maxReplicas": 40, "connections": {"enabled": True, "perReplica": 5000}},
    },
    "sentinel, TLS and encryption": {
        "env": [{"name": "REDIS_URL", "value": "rediss://redis.example.com:6380/0"}],
        "redis": {
            "existingSecret": "",
            "sentinels": ["s1:26379", "s2:26379"],
            "sentinelMaster": "todo",
            "tls": {"existingSecret": "redis-ca", "caKey": "ca.pem", "certKey": "tls.crt", "keyKey": "tls.key"},
            "encryption": {"existingSecret": "redis-keys"},
        },
    },
    "storage and images": {
        "image": {"repository": "registry.example.com/team/todo", "tag": "v1", "pullPolicy": "Always"},
        "imagePullSecrets": [{"name": "registry"}],
        "redis": {"bundled": True, "image": "valkey/valkey:8-alpine", "storage": {"className": "fast", "size": "2Gi"}},
        "postgresql": {"bundled": True, "storage": {"className": "fast", "size": "20Gi"}},
        "networkPolicy": {"enabled": False},
    },
    "extras": {
        "extraEnv": [
            {"name": "LOG_FORMAT", "value": "json"},
            {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "operator", "key": "uri"}}},
        ],
        "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/ca"}],
        "extraObjects": [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "of-{{ .Release.Name }}"},
                "data": {"a": "b"},
            }
        ],
    },
    "cluster": {"redis": {"cluster": True}, "env": [{"name": "REDIS_URL", "value": "redis://a:7000,redis://b:7000"}]},
    "watched": {
        "metrics": {
            "existingSecret": "todo-metrics",
            "tokenKey": "token",
            "allowedAddresses": ["10.0.0.0/8", "fd00::/8"],
            "serviceMonitor": {"enabled": True, "interval": "15s", "labels": {"release": "prometheus"}},
            "prometheusRule": {
                "enabled": True,
                "runbooks": "https://git.example.com/todo/",
                "labels": {"role": "rules"},
            },
            "dashboards": {"enabled": True, "annotations": {"grafana_folder": "Todo"}},
            "redisExporter": {"enabled": True},
        },
    },
    "watched, with little": {
        "redis": {"existingSecret": ""},
        "metrics": {
            "allowedAddresses": ["10.0.0.0/8"],
            "serviceMonitor": {"enabled": True},
            "redisExporter": {"enabled": True, "image": "registry.example.com/redis_exporter:v1"},
        },
        "networkPolicy": {"enabled": False},
    },
    "a Gateway and a policy for all ways": {
        "httpRoute": {
            "enabled": True,
            "parentRefs": [{"name": "public", "namespace": "gateways", "sectionName": "https"}],
            "hostnames": ["todo.example.com", "*.todo.example.com"],
            "annotations": {"a/b": "c"},
        },
        "https": True,
        "metrics": {"allowedAddresses": ["10.0.0.0/8"], "serviceMonitor": {"enabled": True}},
        "networkPolicy": {
            "ingressFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateways"}}}],
            "egress": {
                "enabled": True,
                "rules": [{"to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}], "ports": [{"port": 5432}]}],
            },
        },
    },
    "more in the pod": {
        "serviceAccount": {"name": "todo", "annotations": {"a/b": "c"}},
        "podSecurityContext": {"runAsNonRoot": True},
        "backend": {
            "extraContainers": [{"name": "proxy", "image": "proxy:1", "securityContext": {"runAsUser": 7}}],
            "extraInitContainers": [{"name": "wait", "image": "wait:1", "command": ["true"]}],
        },
        "migrations": {"annotations": {"argocd.argoproj.io/sync-wave": "1"}},
    },
    "a load balancer": {"service": {"type": "LoadBalancer", "port": 80, "annotations": {"a": "b"}}},
}
