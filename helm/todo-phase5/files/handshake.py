"""Opens a WebSocket as a client does, with an invalid token. Only the application closes with 4401, after it has
accepted the connection. Usage: handshake.py ADDRESS"""

import asyncio
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def main(address: str) -> None:
    async with asyncio.timeout(20), connect(f"{address}?token=not-a-token", proxy=None) as socket:
        try:
            while True:
                print("got", await socket.recv())
        except ConnectionClosed:
            print("closed with", socket.close_code)
    sys.exit(0 if socket.close_code == 4401 else 1)


asyncio.run(main(sys.argv[1]))
