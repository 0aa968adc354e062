#!/bin/sh
# Replaces the replicas one at a time, with the image and the settings that are there now: for upgrades and for changes of
# .env while people work. Stops at a replica that does not become healthy; the other one goes on as it was.
# Usage, in the folder of compose.yaml, after `docker compose build` or `pull`: sh deploy/compose/roll.sh
set -eu

docker compose run --rm migrate
for replica in backend-1 backend-2; do
    docker compose up --detach --no-deps --wait "$replica"
    # nginx resolves the replicas' addresses when it reads its settings, and a new container may have a new one.
    docker compose kill --signal HUP nginx
done
docker compose up --detach --wait
