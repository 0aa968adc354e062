#!/bin/sh
# Starts Redis: open to all who reach it or, with the passwords of the Secret redis-auth, closed to all but two users:
#   default   may do everything; for operators (redis-cli takes its password from REDISCLI_AUTH)
#   todo      the application: its own channels and keys, and nothing else
#   exporter  what Prometheus is shown: figures, no key and no channel; only where it has a password
set -eu

if [ -z "${REDISCLI_AUTH:-}" ] && [ -z "${REDIS_APP_PASSWORD:-}" ]; then
    exec redis-server /etc/redis/redis.conf
fi
: "${REDISCLI_AUTH:?admin-password is missing in the Secret redis-auth}"
: "${REDIS_APP_PASSWORD:?app-password is missing in the Secret redis-auth}"

digest() {
    printf %s "$1" | sha256sum | cut -d ' ' -f 1
}

# To sign in, to publish and hear, and to keep keys for a while.
allowed="+auth +hello +ping +quit +client|setname +publish +subscribe +unsubscribe"
allowed="$allowed +get +set +mget +mset +del +exists +expire +persist +incrby +decrby +multi +exec +discard"

umask 077
cat > /run/redis/users.acl <<END
user default on #$(digest "$REDISCLI_AUTH") ~* &* +@all
user todo on #$(digest "$REDIS_APP_PASSWORD") ~websocket:* &websocket:* -@all $allowed
END
if [ -n "${REDIS_EXPORTER_PASSWORD:-}" ]; then
    figures="+auth +hello +ping +info +client|setname +config|get +slowlog|get +slowlog|len +latency|latest"
    figures="$figures +latency|histogram"
    echo "user exporter on #$(digest "$REDIS_EXPORTER_PASSWORD") -@all $figures" >> /run/redis/users.acl
fi
exec redis-server /etc/redis/redis.conf --aclfile /run/redis/users.acl
