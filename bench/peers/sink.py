"""An SMTP server that accepts every mail and keeps none. A process of its own: `SMTP_PORT` says where."""

import asyncio
import os
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope


class _Handler:
    async def handle_DATA(self, _server: SMTP, _session: Any, _envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        return "250 OK"


async def main() -> None:
    """Accept until stopped."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(_Handler()), "127.0.0.1", int(os.environ["SMTP_PORT"]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
