"""The least that an HTTP API does that keeps its word: routes that update one row durably, and read one."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool

from app.api.main import uvicorn_options
from app.core.settings import Settings


def create_app(conninfo: str, pool_size: int) -> FastAPI:
    """No middleware, no log, no check: `POST /{row_id}` adds one to a row of `bare`, `GET` reads it."""
    pool = AsyncConnectionPool(conninfo, max_size=pool_size, open=False, kwargs={"autocommit": True})

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    app = FastAPI(
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )

    @app.post("/{row_id}")
    async def update(row_id: int) -> dict[str, int]:
        async with pool.connection() as connection:
            await connection.execute("update bare set value = value + 1 where id = %s", [row_id])
        return {"row_id": row_id}

    @app.get("/{row_id}")
    async def read(row_id: int) -> dict[str, int]:
        async with pool.connection() as connection:
            cursor = await connection.execute("select value from bare where id = %s", [row_id])
            row = await cursor.fetchone()
        assert row is not None
        return {"row_id": row_id, "value": row[0]}

    return app


if __name__ == "__main__":
    settings = Settings()
    app = create_app(os.environ["DATABASE_URL"], settings.db_pool_size)
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), **uvicorn_options(settings))
