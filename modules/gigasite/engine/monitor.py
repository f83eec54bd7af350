"""The resource monitor: Pulumi's SDK talks to it in process, with protobuf messages and without gRPC.

`Settings(monitor=object)` is how the SDK's own test monitor is plugged in too. Features are claimed that the
engine then refuses by name, for the SDK's own refusal would tell users to update a CLI that is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import engine_pb2, resource_pb2

from gigasite.engine.deployment import Deployment
from gigasite.engine.goal import goal_from, read_goal_from
from gigasite.engine.hooks import Hook
from gigasite.engine.providers import function_of
from gigasite.engine.transforms import Transforms
from gigasite.engine.values import UNKNOWN_TOKEN, from_struct, plain, to_struct
from gigasite.errors import GigasiteError

if TYPE_CHECKING:
    from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
    from pulumi.runtime.proto.callback_pb2 import Callback

_FEATURES = (
    "SECRETS",
    "RESOURCE_REFERENCES",
    "ALIAS_SPECS",
    "REPLACEMENT_TRIGGER",
    "DELETED_WITH",
    "REPLACE_WITH",
    "TRANSFORMS",
    "INVOKE_TRANSFORMS",
    "PARAMETERIZATION",
    "RESOURCE_HOOKS",
    "ERROR_HOOKS",
    "SENDS_OPTIONS_TO_HOOKS",
    "STATE_MIGRATIONS",
)


class Monitor:
    """The engine's side of a program's requests; methods are named as Pulumi's service names them."""

    def __init__(
        self,
        deployment: Deployment,
        transforms: Transforms,
        *,
        project: str,
        stack: str,
        preview: bool,
        parallel: int,
    ) -> None:
        self._deployment = deployment
        self._transforms = transforms
        self._hooks = deployment.hooks
        self._parallel = parallel
        self._info = resource_pb2.DeploymentInfo(
            project=project,
            stack=stack,
            organization="organization",
            dryRun=preview,
            supportedFeatures=[
                getattr(resource_pb2, f"RESOURCE_MONITOR_FEATURE_{name}")
                for name in _FEATURES
                if hasattr(resource_pb2, f"RESOURCE_MONITOR_FEATURE_{name}")
            ],
        )

    def GetDeploymentInfo(self, request: Empty) -> resource_pb2.DeploymentInfo:  # noqa: N802
        return self._info

    def SupportsFeature(  # noqa: N802
        self, request: resource_pb2.SupportsFeatureRequest
    ) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id not in ("outputValues",))

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        transformed = self._transforms.registration(request)
        done = self._deployment.register(goal_from(transformed))
        self._transforms.remember(done.urn, request)
        return resource_pb2.RegisterResourceResponse(
            urn=done.urn,
            id=done.id,
            object=to_struct(done.outputs),
            result=resource_pb2.FAIL if done.failed else resource_pb2.SUCCESS,
            unknown=done.unknown,
        )

    def ReadResource(  # noqa: N802
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        done = self._deployment.read(read_goal_from(request))
        return resource_pb2.ReadResourceResponse(
            urn=done.urn,
            id="" if done.id == UNKNOWN_TOKEN else done.id,
            properties=to_struct(done.outputs),
            result=resource_pb2.FAIL if done.failed else resource_pb2.SUCCESS,
        )

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> Empty:
        self._deployment.register_outputs(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def Invoke(  # noqa: N802
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        request = self._transforms.invoke(request)
        args = from_struct(request.args)
        if request.tok == "pulumi:pulumi:getResource":
            state = self._deployment.resource(args["urn"])
            found: dict[str, Any] = {"urn": state.urn, "id": state.id, "state": dict(state.outputs)}
        else:
            function = function_of(request.tok)
            self._deployment.provide(request.tok.partition(":")[0], request.version, request.provider)
            found = dict(function.answer(plain(args)))
        return resource_pb2.ResourceInvokeResponse(**{"return": to_struct(found)})

    def SignalAndWaitForShutdown(self, request: Empty) -> Empty:  # noqa: N802
        """The program is through. Its hooks live only as long as this call, so deletions with hooks come now."""
        if self._hooks:
            self._deployment.delete_rest(self._parallel)
        return empty_pb2.Empty()

    def RegisterStackTransform(self, request: Callback) -> Empty:  # noqa: N802
        self._transforms.add_stack_transform(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Callback) -> Empty:  # noqa: N802
        self._transforms.add_invoke_transform(request)
        return empty_pb2.Empty()

    def RegisterResourceHook(self, request: resource_pb2.RegisterResourceHookRequest) -> Empty:  # noqa: N802
        self._hooks.add(Hook(request.name, request.callback, request.on_dry_run, request.ignore_errors))
        return empty_pb2.Empty()

    def RegisterErrorHook(self, request: resource_pb2.RegisterErrorHookRequest) -> Empty:  # noqa: N802
        self._hooks.add(Hook(request.name, request.callback))
        return empty_pb2.Empty()

    # what the engine does not do --------------------------------------------------------------------------

    def Call(self, request: resource_pb2.ResourceCallRequest) -> None:  # noqa: N802
        raise _refused(f"methods of resources ({request.tok})")

    def RegisterPackage(self, request: resource_pb2.RegisterPackageRequest) -> None:  # noqa: N802
        raise _refused(f"parameterized packages ({request.name})")

    def ExistsResource(self, request: Any) -> None:  # noqa: N802
        raise _refused("asking whether a resource exists")


class EngineLog:
    """Where `pulumi.log` goes: messages for the user reach `on_message(severity, message, urn)`."""

    def __init__(self, on_message: Callable[[str, str, str], None]) -> None:
        self._on_message = on_message
        self._root = ""

    def Log(self, request: engine_pb2.LogRequest) -> Empty:  # noqa: N802
        severity = {engine_pb2.INFO: "info", engine_pb2.WARNING: "warning", engine_pb2.ERROR: "error"}.get(
            request.severity
        )
        if severity is not None and not request.ephemeral:
            self._on_message(severity, request.message, request.urn)
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any) -> engine_pb2.GetRootResourceResponse:  # noqa: N802
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(  # noqa: N802
        self, request: engine_pb2.SetRootResourceRequest
    ) -> engine_pb2.SetRootResourceResponse:
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, request: Any) -> None:  # noqa: N802
        raise _refused("version ranges of the Pulumi CLI")


def _refused(what: str) -> GigasiteError:
    return GigasiteError(f"the embedded engine does not do {what}", hint="leave it out, or use --engine pulumi")
