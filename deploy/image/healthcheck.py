"""The image's health check: ends with 0 while the server takes requests. Usage: healthcheck.py [URL]"""

import sys
import urllib.request

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/readyz"
# Never by way of a proxy from the environment.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    with opener.open(url, timeout=4):
        pass
except OSError as error:
    sys.exit(f"{url}: {error}")
