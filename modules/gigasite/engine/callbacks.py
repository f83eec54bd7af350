"""Calls back into the program: the SDK serves transforms and hooks on a local gRPC port, as it does for the CLI."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import grpc  # type: ignore[import-untyped]
from pulumi.runtime.proto import callback_pb2
from pulumi.runtime.proto.callback_pb2_grpc import CallbacksStub

from gigasite.engine.scrub import Scrub
from gigasite.engine.steps import Stopped
from gigasite.errors import GigasiteError

if TYPE_CHECKING:
    from google.protobuf.message import Message  # type: ignore[import-untyped]

_UNLIMITED: Final = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_LOOK_S: Final = 0.2  # how often a waiting call looks whether the run was cancelled


class Callbacks:
    """The program's callbacks by their addresses; safe to call from several threads."""

    def __init__(self, cancel: threading.Event, scrub: Scrub = str) -> None:
        self._cancel = cancel
        self._scrub = scrub
        self._channels: dict[str, Any] = {}
        self._lock = threading.Lock()

    def call(self, callback: callback_pb2.Callback, request: Message, what: str) -> bytes:
        """The answer of a callback. Raises GigasiteError where it fails, Stopped where the run is cancelled.

        The program's loop, which answers, ends when a run is cancelled; nobody waits for it then.
        """
        message = callback_pb2.CallbackInvokeRequest(token=callback.token, request=request.SerializeToString())
        future = self._stub(callback.target).Invoke.future(message)
        while True:
            try:
                return bytes(future.result(timeout=_LOOK_S).response)
            except grpc.FutureTimeoutError:
                if self._cancel.is_set():
                    future.cancel()
                    raise Stopped from None
            except grpc.RpcError as error:
                raise GigasiteError(f"{what} failed: {self._scrub(_details(error))}") from None
            except grpc.FutureCancelledError:
                raise Stopped from None

    def close(self) -> None:
        """Lets go of the program."""
        with self._lock:
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()

    def _stub(self, target: str) -> CallbacksStub:
        with self._lock:
            if target not in self._channels:
                self._channels[target] = grpc.insecure_channel(target, options=_UNLIMITED)
            return CallbacksStub(self._channels[target])


Call = Callable[[callback_pb2.Callback, Any, str], bytes]


def _details(error: grpc.RpcError) -> str:
    """What a callback raised, with the lines of the program where it did."""
    details = str(error.details()) if hasattr(error, "details") else str(error)
    _, found, told = details.partition(" error: ")
    return (told if found else details).strip()
