"""For each alert: series at which it fires, with what it says then, and series at which it just does not."""

from tests.deploy.alert_cases_of_stores import ABOUT_STORES
from tests.deploy.alert_series import APP, EXPORTER, NONE, ONE, OTHER, Case, redis, requests, slowest, writes

_latency = "realtime_publish_to_socket_seconds"
_lag = "realtime_hub_lag_seconds"

CASES = [
    Case(
        "TodoNoReplica",
        {f"up{{{APP}}}": NONE, f"up{{{OTHER}}}": NONE},
        "No target of the job todo-backend could be scraped for 2 minutes.",
        {f"up{{{APP}}}": NONE, f"up{{{OTHER}}}": ONE},
    ),
    Case(
        "TodoNoReplica",
        {f"up{{{EXPORTER}}}": ONE},
        "No target of the job todo-backend could be scraped for 2 minutes.",
        # Away for less than two minutes.
        {f"up{{{APP}}}": "1x50 0 0 0 0 1x10"},
        minutes=27,
    ),
    Case(
        "TodoReplicaDown",
        {f"up{{{APP}}}": NONE, f"up{{{OTHER}}}": ONE},
        "a could not be scraped for 5 minutes.",
        {f"up{{{APP}}}": "1x50 0x8 1", f"up{{{OTHER}}}": ONE},
        labels={"instance": "a"},
    ),
    Case(
        "TodoLogUnreadable",
        {f"realtime_log_errors_total{{{APP}}}": "0+6x60"},
        "Reading the event log failed 24 times in 2 minutes, and has failed for 3.",
        # One failure, once.
        {f"realtime_log_errors_total{{{APP}}}": "0x54 1x6"},
    ),
    Case(
        "TodoServerErrors",
        requests("0+284x60", "0+16x60"),
        "5.333% of the requests were answered with 5xx over 5 minutes.",
        requests("0+286x60", "0+14x60"),
    ),
    Case(
        "TodoServerErrors",
        requests("0x60", "0+3x60"),
        "100% of the requests were answered with 5xx over 5 minutes.",
        # So few that it may be one person's broken script; and a replica that drains.
        requests("0x60", "0+1x60")
        | {f'todo_http_requests_total{{{APP},route="/readyz",method="GET",status="503"}}': "0+6x60"},
    ),
    Case(
        "TodoWritesFail",
        # One change in five minutes, the first of all.
        writes("0x50 1x10", "0x50 1x10"),
        "100% of the changes were answered with 503 over 5 minutes.",
        # Half of them are saved.
        writes("0+10x60", "0+5x60"),
    ),
    Case(
        "TodoWritesFail",
        writes("0+10x60", "0+6x60"),
        "60% of the changes were answered with 503 over 5 minutes.",
        # An outage of three minutes, which is over.
        writes("0x45 0+1x6 6x10", "0x45 0+1x6 6x10") | {f"realtime_log_errors_total{{{APP}}}": "0x45 0+6x6 36x10"},
    ),
    Case(
        "TodoChangesLate",
        slowest(_latency, APP, {"0.5": "0+90x60", "1": "0+95x60", "2": "0+100x60", "+Inf": "0+100x60"}) | redis(ONE),
        "One change in a hundred took 1.8s or longer from its commit to the sockets.",
        slowest(_latency, APP, {"0.5": "0+90x60", "1": "0+100x60", "2": "0+100x60", "+Inf": "0+100x60"}) | redis(ONE),
    ),
    Case(
        "TodoChangesLate",
        # While Redis is away, that is why.
        slowest(_latency, APP, {"1": "0+95x60", "2": "0+100x60", "+Inf": "0+100x60"}) | redis(ONE),
        "One change in a hundred took 1.8s or longer from its commit to the sockets.",
        slowest(_latency, APP, {"1": "0+95x60", "2": "0+100x60", "+Inf": "0+100x60"}) | redis(NONE),
    ),
    Case(
        "TodoHubLate",
        slowest(_lag, APP, {"0.25": "0+98x60", "0.5": "0+100x60", "+Inf": "0+100x60"}),
        "Timers of a fire up to 375ms late.",
        slowest(_lag, APP, {"0.25": "0+99x60", "0.5": "0+100x60", "+Inf": "0+100x60"}),
        labels={"instance": "a"},
    ),
    Case(
        "TodoSlowReaders",
        {f"realtime_slow_readers_total{{{APP}}}": "0+2x60", f"realtime_connections{{{APP}}}": "1000x60"},
        "6% of the connections were closed with 4008 within 15 minutes.",
        # Many, of more; and one of ten, all the time.
        {f"realtime_slow_readers_total{{{APP}}}": "0+2x60", f"realtime_connections{{{APP}}}": "1300x60"},
    ),
    Case(
        "TodoSlowReaders",
        {f"realtime_slow_readers_total{{{APP}}}": "0+1x60", f"realtime_connections{{{APP}}}": "100x60"},
        "30% of the connections were closed with 4008 within 15 minutes.",
        {
            f"realtime_slow_readers_total{{{APP}}}": "0x30 0 0 0 1 1 1 1 1 2 2 2 2 2 2 3x20",
            f"realtime_connections{{{APP}}}": "10x60",
        },
    ),
    Case(
        "TodoConnectionsNearLimit",
        {f"process_open_fds{{{APP}}}": "850x60", f"process_max_fds{{{APP}}}": "1024x60"},
        "a uses 83.01% of its file descriptors.",
        {f"process_open_fds{{{APP}}}": "810x60", f"process_max_fds{{{APP}}}": "1024x60"},
        labels={"instance": "a"},
    ),
    Case(
        "TodoSignInFailures",
        {f"todo_sign_in_failures_total{{{APP}}}": "0+6x60"},
        "0.2 sign-ins a second failed over 10 minutes.",
        {f"todo_sign_in_failures_total{{{APP}}}": "0+4x60"},
    ),
    Case(
        "TodoSocketsRefused",
        {f'realtime_sign_in_failures_total{{{APP},code="4401"}}': "0+36x60"},
        "1.2 sockets a second were refused with 4401 over 10 minutes.",
        {f'realtime_sign_in_failures_total{{{APP},code="4401"}}': "0+27x60"},
        labels={"code": "4401"},
    ),
    Case(
        "TodoDatabasePoolExhausted",
        {f"todo_database_pool_waiting{{{APP}}}": "3x60"},
        "3 threads of a wait for a connection, on average.",
        {f"todo_database_pool_waiting{{{APP}}}": "0 1 0 2 0 1 0 1 2 0 " * 6},
        labels={"instance": "a"},
    ),
    Case(
        "TodoDatabasePoolExhausted",
        {f"todo_database_pool_waiting{{{APP}}}": "3x60"},
        "3 threads of a wait for a connection, on average.",
        # Without a database all of them wait.
        {f"todo_database_pool_waiting{{{APP}}}": "3x60", f"realtime_log_errors_total{{{APP}}}": "0+6x60"},
        labels={"instance": "a"},
    ),
    Case(
        "TodoRequestsWait",
        {f"todo_http_requests_waiting{{{APP}}}": "12x60"},
        "12 requests to a wait for a thread, on average.",
        # A crowd for a minute.
        {f"todo_http_requests_waiting{{{APP}}}": "0x56 4 4 0x4"},
        labels={"instance": "a"},
    ),
    Case(
        "TodoRequestsWait",
        {f"todo_http_requests_waiting{{{APP}}}": "0 4 " * 30},
        "2 requests to a wait for a thread, on average.",
        {f"todo_http_requests_waiting{{{APP}}}": "12x60", f"realtime_log_errors_total{{{OTHER}}}": "0+6x60"},
        labels={"instance": "a"},
    ),
    Case(
        "TodoRedisDown",
        redis(NONE) | redis(NONE, labels=OTHER),
        "2 replicas don't receive their own pings through Redis. Nothing is lost: they read the log.",
        # Away for a minute, and not there at all by intention.
        redis("1x56 0 0 0 1") | redis(NONE, configured=NONE, labels=OTHER),
    ),
    Case(
        "TodoNoRedis",
        redis(NONE, configured=NONE) | redis(NONE, configured=NONE, labels=OTHER),
        "2 replicas have no REDIS_URL: each reads the others' changes from the log.",
        redis(NONE, configured=NONE),
    ),
    Case(
        "TodoRedisSlow",
        {f"realtime_redis_round_trip_seconds{{{APP}}}": "0.2x60"} | redis(ONE),
        "A message of a to itself takes 200ms through Redis.",
        {f"realtime_redis_round_trip_seconds{{{APP}}}": "0.1x60"} | redis(ONE),
        labels={"instance": "a"},
    ),
    Case(
        "TodoBreakerOpen",
        {f"realtime_breaker_open{{{APP}}}": "1 0 0 0 0 " * 12} | redis(ONE),
        "a did not publish for 20% of 5 minutes.",
        {f"realtime_breaker_open{{{APP}}}": ONE} | redis(NONE),
        labels={"instance": "a"},
    ),
    Case(
        "TodoBreakerOpen",
        {f"realtime_breaker_open{{{APP}}}": ONE} | redis(ONE),
        "a did not publish for 100% of 5 minutes.",
        {f"realtime_breaker_open{{{APP}}}": "1 0 0 0 0 0 0 0 0 0 " * 6} | redis(ONE),
        labels={"instance": "a"},
    ),
    Case(
        "TodoGapsRising",
        {f"realtime_gaps_total{{{APP}}}": "0+9x60", f"realtime_events_published_total{{{APP}}}": "0+30x60"},
        "0.3 gaps a second were seen by each replica over 10 minutes.",
        {f"realtime_gaps_total{{{APP}}}": "0+6x60", f"realtime_events_published_total{{{APP}}}": "0+30x60"},
    ),
    Case(
        "TodoGapsRising",
        # What a command publishes is counted nowhere.
        {f"realtime_gaps_total{{{APP}}}": "0+6x60", f"realtime_events_published_total{{{APP}}}": NONE},
        "0.2 gaps a second were seen by each replica over 10 minutes.",
        {f"realtime_gaps_total{{{APP}}}": "0+3x60", f"realtime_events_published_total{{{APP}}}": NONE},
    ),
    Case(
        "TodoLogReadsRising",
        {
            f'realtime_log_reads_total{{{APP},reason="poll"}}': "0+9x60",
            f'realtime_log_reads_total{{{OTHER},reason="gap"}}': "0+9x60",
            f"realtime_connections{{{APP}}}": "5x60",
            f"realtime_connections{{{OTHER}}}": "5x60",
        }
        | redis(ONE),
        "Each replica had to read the log 0.3 times a second over 10 minutes.",
        {
            f'realtime_log_reads_total{{{APP},reason="poll"}}': "0+6x60",
            f"realtime_connections{{{APP}}}": "5x60",
        }
        | redis(ONE),
    ),
    Case(
        "TodoLogReadsRising",
        {f'realtime_log_reads_total{{{APP},reason="reach"}}': "0+9x60", f"realtime_connections{{{APP}}}": "5x60"},
        "Each replica had to read the log 0.3 times a second over 10 minutes.",
        {
            f'realtime_log_reads_total{{{APP},reason="poll"}}': "0+30x60",
            f"realtime_connections{{{APP}}}": "5x60",
        }
        | redis("1x50 0 1x10"),
    ),
    Case(
        "TodoMailsGivenUp",
        {f'todo_reminder_mails_failed_total{{{APP},outcome="given_up"}}': "0x20 2x40"},
        "2 mails were given up within 12 hours, after ten attempts each.",
        # Mails that are still tried.
        {
            f'todo_reminder_mails_failed_total{{{APP},outcome="given_up"}}': NONE,
            f'todo_reminder_mails_failed_total{{{APP},outcome="again"}}': "0+1x60",
        },
    ),
    *ABOUT_STORES,
]
