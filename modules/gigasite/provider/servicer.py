"""What the plugin answers to each question of the engine: handlers' answers, put on the wire."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

import grpc  # type: ignore[import-untyped]
from google.protobuf import empty_pb2, struct_pb2  # type: ignore[import-untyped]
from pulumi.errors import RunError
from pulumi.provider.server import ProviderServicer as ComponentServicer
from pulumi.runtime.proto import ResourceProviderServicer, plugin_pb2, provider_pb2, status_pb2

import gigasite
from gigasite.errors import GigasiteError
from gigasite.provider.calls import serving
from gigasite.provider.functions import function_for, functions
from gigasite.provider.handler import Checked, Diff, DiffKind, Handler, PartialFailure, handler_for, input_part, tokens
from gigasite.provider.schema import component_provider, package_schema
from gigasite.provider.settings import check_settings
from gigasite.provider.wire import Marks, Properties, encode

_Answer = TypeVar("_Answer")

# codes that tell the engine whether the resource is as it was (refused) or in doubt (broken)
_REFUSED = grpc.StatusCode.FAILED_PRECONDITION
_BROKEN = grpc.StatusCode.UNKNOWN


class GigasiteServicer(ResourceProviderServicer):
    """One plugin process: the engine's questions about resource kinds, settings, schema and components."""

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address
        self._cancelled = threading.Event()

    async def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:  # noqa: N802
        self._engine_address = request.engine_address or self._engine_address
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    async def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        self._engine_address = request.address
        return empty_pb2.Empty()

    async def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802
        return plugin_pb2.PluginInfo(version=gigasite.__version__)

    async def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        """The engine starts no more steps; calls that run may see it, and end by themselves."""
        self._cancelled.set()
        return empty_pb2.Empty()

    async def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:  # noqa: N802
        schema = await _answer(context, package_schema)
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    async def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        news = Properties(request.news)
        return _checked(check_settings(news.values), news)

    async def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        """Settings change how resources are reached, not what they are: never a replacement."""
        old, new = Properties(request.old_inputs).values, Properties(request.news).values
        return _diff_response(Diff({name: DiffKind.UPDATE for name in {*old, *new} if old.get(name) != new.get(name)}))

    async def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: N802
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    async def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        olds, news = await _decode(context, request.olds, request.news)
        old_inputs = olds.values if request.HasField("olds") else None
        handler = await _handler(context, request.urn)
        checked = await _answer(context, lambda: handler.check(request.urn, old_inputs, news.values), news)
        return _checked(checked, news)

    async def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        old_inputs, olds, news = await _decode(context, request.old_inputs, request.olds, request.news)
        handler = await _handler(context, request.urn)
        diff = await _answer(
            context,
            lambda: handler.diff(request.urn, request.id, old_inputs.values, olds.values, news.values),
            news,
        )
        return _diff_response(diff)

    async def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: N802
        (inputs,) = await _decode(context, request.properties)
        handler = await _handler(context, request.urn)
        work = self._served(request, lambda: handler.create(request.urn, inputs.values, preview=request.preview))
        created = await _answer(context, work, inputs)
        return provider_pb2.CreateResponse(id=created.id, properties=encode(created.outputs, inputs.marks))

    async def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:  # noqa: N802
        """Answers an empty id for what is gone; an import, which has no inputs, gets the outputs."""
        inputs, olds = await _decode(context, request.inputs, request.properties)
        handler = await _handler(context, request.urn)
        work = self._served(request, lambda: handler.read(request.urn, request.id, inputs.values, olds.values))
        seen = await _answer(context, work, inputs, olds)
        if seen is None:
            return provider_pb2.ReadResponse()
        imported = input_part(handler, seen.outputs)
        return provider_pb2.ReadResponse(
            id=seen.id,
            properties=encode(seen.outputs, inputs.marks, olds.marks),
            inputs=encode(inputs.values or imported, inputs.marks, olds.marks),
        )

    async def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:  # noqa: N802
        old_inputs, olds, news = await _decode(context, request.old_inputs, request.olds, request.news)
        handler = await _handler(context, request.urn)
        outputs = await _answer(
            context,
            self._served(
                request,
                lambda: handler.update(
                    request.urn,
                    request.id,
                    old_inputs.values,
                    olds.values,
                    news.values,
                    preview=request.preview,
                ),
            ),
            news,
            old_inputs,
            olds,
        )
        return provider_pb2.UpdateResponse(properties=encode(outputs, news.marks))

    async def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        inputs, olds = await _decode(context, request.old_inputs, request.properties)
        handler = await _handler(context, request.urn)
        await _answer(
            context,
            self._served(request, lambda: handler.delete(request.urn, request.id, inputs.values, olds.values)),
            inputs,
            olds,
        )
        return empty_pb2.Empty()

    async def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:  # noqa: N802
        (args,) = await _decode(context, request.args)
        function = function_for(request.tok)
        if function is None:
            await _refuse(context, f"no function {request.tok}; this package has {', '.join(functions()) or 'none'}")
        answer = await _answer(context, self._served(request, lambda: function.answer(args.values)), args)
        return provider_pb2.InvokeResponse(**{"return": encode(answer, {})})

    async def Construct(self, request: Any, context: Any) -> provider_pb2.ConstructResponse:  # noqa: N802
        """Runs a component in this process; its resources are registered with the engine that asks."""
        provider = await _answer(context, component_provider)
        name = request.type.rpartition(":")[2]
        if provider is None or name not in provider.component_names:
            known = ", ".join(provider.component_names) if provider else "none"
            await _refuse(context, f"no component {request.type}; this package has {known}")
        servicer = ComponentServicer(provider, [], self._engine_address)
        try:
            return await servicer.Construct(request, context)
        except RunError as error:
            await _refuse(context, str(error))

    def _served(self, request: Any, work: Callable[[], _Answer]) -> Callable[[], _Answer]:
        """`work` as a call that knows its time-out and whether the engine cancelled."""

        def served() -> _Answer:
            with serving(getattr(request, "timeout", None), self._cancelled):
                return work()

        return served


async def _decode(context: Any, *structs: struct_pb2.Struct) -> tuple[Properties, ...]:
    try:
        return tuple(Properties(struct) for struct in structs)
    except GigasiteError as error:
        await _refuse(context, str(error))


async def _handler(context: Any, urn: str) -> Handler:
    token = urn.split("::")[2].rpartition("$")[2]
    handler = handler_for(token)
    if handler is None:
        await _refuse(context, f"no resource kind {token}; this package has {', '.join(tokens())}")
    return handler


async def _answer(context: Any, work: Callable[[], _Answer], *sources: Properties) -> _Answer:
    """Runs `work` in a thread; what it raises becomes the call's error, without secrets of `sources`."""

    def redact(message: str) -> str:
        for source in sources:
            message = source.redact(message)
        return message

    try:
        return await asyncio.to_thread(work)
    except PartialFailure as failure:
        marks = [source.marks for source in sources]
        await context.abort_with_status(_init_failed(failure, redact, marks))
    except GigasiteError as error:
        await _refuse(context, redact(str(error)))
    except Exception as error:
        print(redact(traceback.format_exc()), file=sys.stderr, flush=True)
        await context.abort(_BROKEN, redact(f"a fault in gigasite, please report it: {error!r}"))
    raise AssertionError("an aborted call goes no further")


async def _refuse(context: Any, message: str) -> NoReturn:
    await context.abort(_REFUSED, message)
    raise AssertionError("an aborted call goes no further")


def _init_failed(failure: PartialFailure, redact: Callable[[str], str], marks: Sequence[Marks]) -> grpc.Status:
    """The resource exists with these outputs, and these reasons say what is missing."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=failure.id,
        properties=encode(failure.outputs, *marks),
        reasons=[redact(reason) for reason in failure.reasons],
    )
    packed = status_pb2.Status(code=_BROKEN.value[0], message=redact(str(failure)))
    packed.details.add().Pack(detail)
    status = grpc.Status()
    status.code = _BROKEN
    status.details = packed.message
    status.trailing_metadata = (("grpc-status-details-bin", packed.SerializeToString()),)
    return status


def _checked(checked: Checked, news: Properties) -> provider_pb2.CheckResponse:
    return provider_pb2.CheckResponse(
        inputs=encode(checked.inputs, news.marks),
        failures=[
            provider_pb2.CheckFailure(property=failure.property, reason=news.redact(failure.reason))
            for failure in checked.failures
        ],
    )


def _diff_response(diff: Diff) -> provider_pb2.DiffResponse:
    kinds = provider_pb2.PropertyDiff.Kind
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if diff.changed else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=diff.replaces,
        diffs=sorted({_property_name(path) for path in diff.details}),
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=kinds.Value(kind.upper().replace("-", "_")))
            for path, kind in diff.details.items()
        },
        hasDetailedDiff=True,
        deleteBeforeReplace=diff.delete_before_replace,
    )


def _property_name(path: str) -> str:
    """The property that a path begins with: `files` of `files["racks.csv"]`."""
    return path.partition("[")[0].partition(".")[0]
