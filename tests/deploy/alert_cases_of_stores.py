"""Cases of the alerts about Redis' own figures, disks, and periodic work on the database."""

from tests.deploy.alert_series import APP, DISK, EXPORTER, NONE, ONE, OTHER, PRUNING, REMINDERS, VOLUME, Case

ABOUT_STORES = [
    Case(
        "TodoRedisExporterDown",
        {f"up{{{EXPORTER}}}": NONE},
        "r does not answer, or Redis does not answer it.",
        {f"up{{{EXPORTER}}}": "1x45 0x12 1", f"redis_up{{{EXPORTER}}}": ONE},
        labels={"instance": "r"},
        job="redis-exporter",
    ),
    Case(
        "TodoRedisExporterDown",
        {f"up{{{EXPORTER}}}": ONE, f"redis_up{{{EXPORTER}}}": NONE},
        "r does not answer, or Redis does not answer it.",
        {f"up{{{APP}}}": NONE},
        labels={"instance": "r"},
        job="redis-exporter",
    ),
    Case(
        "TodoRedisMemory",
        {f"redis_memory_used_bytes{{{EXPORTER}}}": "92x60", f"redis_memory_max_bytes{{{EXPORTER}}}": "100x60"},
        "Redis at r uses 92% of its maxmemory.",
        {f"redis_memory_used_bytes{{{EXPORTER}}}": "90x60", f"redis_memory_max_bytes{{{EXPORTER}}}": "100x60"},
        labels={"instance": "r"},
        job="redis-exporter",
    ),
    Case(
        "TodoRedisMemory",
        {f"redis_memory_used_bytes{{{EXPORTER}}}": "110x60", f"redis_memory_max_bytes{{{EXPORTER}}}": "100x60"},
        "Redis at r uses 110% of its maxmemory.",
        # Without a limit nothing can be near it.
        {f"redis_memory_used_bytes{{{EXPORTER}}}": "92x60", f"redis_memory_max_bytes{{{EXPORTER}}}": NONE},
        labels={"instance": "r"},
        job="redis-exporter",
    ),
    Case(
        "TodoRedisEvictions",
        {f"redis_evicted_keys_total{{{EXPORTER}}}": "0+2x60"},
        "Redis at r evicted 60 keys within 15 minutes.",
        # Long ago.
        {f"redis_evicted_keys_total{{{EXPORTER}}}": "0x5 100x55"},
        labels={"instance": "r"},
        job="redis-exporter",
    ),
    Case(
        "TodoRedisConnections",
        {f"redis_connected_clients{{{EXPORTER}}}": "8100x60", f"redis_config_maxclients{{{EXPORTER}}}": "10000x60"},
        "Redis at r has 81% of its maxclients.",
        {f"redis_connected_clients{{{EXPORTER}}}": "8000x60", f"redis_config_maxclients{{{EXPORTER}}}": "10000x60"},
        labels={"instance": "r"},
        job="redis-exporter",
    ),
    Case(
        "TodoDiskNearlyFull",
        {
            f"kubelet_volume_stats_available_bytes{{{VOLUME}}}": "14x60",
            f"kubelet_volume_stats_capacity_bytes{{{VOLUME}}}": "100x60",
        },
        "data-postgres-0 has 14% of its space left.",
        {
            f"kubelet_volume_stats_available_bytes{{{VOLUME}}}": "16x60",
            f"kubelet_volume_stats_capacity_bytes{{{VOLUME}}}": "100x60",
        },
        labels={"namespace": "todo", "persistentvolumeclaim": "data-postgres-0"},
        job="kubelet",
    ),
    Case(
        "TodoDiskNearlyFull",
        {f"node_filesystem_avail_bytes{{{DISK}}}": "1x60", f"node_filesystem_size_bytes{{{DISK}}}": "100x60"},
        "/var has 1% of its space left.",
        # Somebody else's volume, and memory.
        {
            'kubelet_volume_stats_available_bytes{job="kubelet",persistentvolumeclaim="other"}': "1x60",
            'kubelet_volume_stats_capacity_bytes{job="kubelet",persistentvolumeclaim="other"}': "100x60",
            'node_filesystem_avail_bytes{job="node",fstype="tmpfs",mountpoint="/run"}': "1x60",
            'node_filesystem_size_bytes{job="node",fstype="tmpfs",mountpoint="/run"}': "100x60",
        },
        labels={"mountpoint": "/var", "fstype": "ext4"},
        job="node",
    ),
    Case(
        "TodoLogOld",
        # The clock begins at 0. Events are kept for seven days, and a replica that was not told yet has none.
        {
            f"realtime_oldest_event_timestamp_seconds{{{APP}}}": "-700000x60",
            f"realtime_oldest_event_timestamp_seconds{{{OTHER}}}": NONE,
            f"realtime_event_days{{{APP}}}": "7x60",
        },
        "The oldest event in the log is 8d 2h 56m 40s old.",
        {
            f"realtime_oldest_event_timestamp_seconds{{{APP}}}": "-680000x60",
            f"realtime_event_days{{{APP}}}": "7x60",
        },
    ),
    Case(
        "TodoLogOld",
        {
            f"realtime_oldest_event_timestamp_seconds{{{APP}}}": "-700000x60",
            f"realtime_event_days{{{APP}}}": "2x60",
        },
        "The oldest event in the log is 8d 2h 56m 40s old.",
        # Kept for ever.
        {
            f"realtime_oldest_event_timestamp_seconds{{{APP}}}": "-70000000x60",
            f"realtime_event_days{{{APP}}}": NONE,
        },
    ),
    Case(
        "TodoMaintenanceFailed",
        # One an hour, by whichever replica has the turn.
        {
            f"realtime_periodic_errors_total{{{APP},{PRUNING}}}": "0x119 1x239 2x239 3x239",
            f"realtime_periodic_errors_total{{{OTHER},{PRUNING}}}": "0x239 1x239 2x239 3x239",
        },
        "prune history: 6 turns failed within six hours.",
        # An outage of a quarter of an hour, in which each replica looked every five minutes; and reminders.
        {
            f"realtime_periodic_errors_total{{{APP},{PRUNING}}}": "0x600 1x9 2x9 3x220",
            f"realtime_periodic_errors_total{{{OTHER},{PRUNING}}}": "0x600 1x9 2x9 3x220",
            f"realtime_periodic_errors_total{{{APP},{REMINDERS}}}": "0+6x840",
        },
        labels={"task": "prune history"},
        minutes=400,
    ),
    Case(
        "TodoRemindersFail",
        {f"realtime_periodic_errors_total{{{APP},{REMINDERS}}}": "0+6x60"},
        "Sending reminders failed 24 times in 2 minutes, and has failed for 8.",
        # For five minutes, and other work.
        {
            f"realtime_periodic_errors_total{{{APP},{REMINDERS}}}": "0x48 0+6x10 60x10",
            f"realtime_periodic_errors_total{{{APP},{PRUNING}}}": "0+1x60",
        },
    ),
    Case(
        "TodoRemindersFail",
        # Now and then.
        {f"realtime_periodic_errors_total{{{APP},{REMINDERS}}}": "0+1x60"},
        "Sending reminders failed 4 times in 2 minutes, and has failed for 8.",
        # While the database is away, that is why.
        {
            f"realtime_periodic_errors_total{{{APP},{REMINDERS}}}": "0+6x60",
            f"realtime_log_errors_total{{{APP}}}": "0+6x60",
        },
    ),
]
