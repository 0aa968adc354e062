#!/bin/sh
# Starts Redis without a password or, with the passwords of the Secret redis-auth, with these users:
#   default   operators: everything (redis-cli takes its password from REDISCLI_AUTH)
#   todo      the application: its own channels and keys
#   exporter  Prometheus: metrics, no keys, no channels; only if it has a password
set -eu

if [ -z "${REDISCLI_AUTH:-}" ] && [ -z "${REDIS_APP_PASSWORD:-}" ]; then
    exec redis-server /etc/redis/redis.conf
fi
: "${REDISCLI_AUTH:?admin-password is missing in the Secret redis-auth}"
: "${REDIS_APP_PASSWORD:?app-password is missing in the Secret redis-auth}"

digest() {
    printf %s "$1" | sha256sum | cut -d ' ' -f 1
}

# To sign in, to publish and subscribe, and to keep keys for a while.
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
