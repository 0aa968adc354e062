"""A process that asks for the list of tasks, again and again: python -m tests.benchmarks.http_client PORT TOKEN

For each line on standard input, a number of seconds, it asks that long and prints what each request took.
"""

import http.client
import json
import sys
import time


def main() -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
    headers = {"Authorization": f"Bearer {sys.argv[2]}"}
    for line in sys.stdin:
        end = time.monotonic() + float(line)
        took = []
        while (began := time.monotonic()) < end:
            connection.request("GET", "/api/tasks", headers=headers)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise RuntimeError(f"{response.status}: {body[:500]!r}")
            took.append(time.monotonic() - began)
        print(json.dumps(took), flush=True)


if __name__ == "__main__":
    main()
