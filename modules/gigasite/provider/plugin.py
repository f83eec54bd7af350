"""`pulumi-resource-gigasite`: the resource kinds and components as a Pulumi plugin.

Pulumi starts it with the engine's address, reads its port from the first line of stdout, and stops it.
Handlers block, so each call runs in a thread. Components run where Pulumi's own host runs them.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc  # type: ignore[import-untyped]
import grpc.aio  # type: ignore[import-untyped]
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from gigasite.provider.servicer import GigasiteServicer

_PARALLEL_CALLS = 64  # the engine asks for as many as `--parallel` allows


def main(arguments: list[str] | None = None) -> int:
    """Serves until the engine that started it goes away. Returns the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    addresses = [argument for argument in given if not argument.startswith("-") and ":" in argument]
    if not addresses:
        print("pulumi-resource-gigasite is started by Pulumi, with the engine's address", file=sys.stderr)
        return 2
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the engine hears Ctrl-C too, and lets running steps finish
    asyncio.run(_serve(addresses[-1]))
    return 0


async def _serve(engine_address: str) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_PARALLEL_CALLS))
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(GigasiteServicer(engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await _until_gone(engine_address)
    await server.stop(grace=None)


async def _until_gone(engine_address: str) -> None:
    """Returns when an engine that was there cannot be reached any more: a killed engine leaves no orphan."""
    async with grpc.aio.insecure_channel(engine_address) as channel:
        await channel.channel_ready()
        state = grpc.ChannelConnectivity.READY
        while state is not grpc.ChannelConnectivity.TRANSIENT_FAILURE:
            await channel.wait_for_state_change(state)
            state = channel.get_state(try_to_connect=True)


if __name__ == "__main__":
    sys.exit(main())
