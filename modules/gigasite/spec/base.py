"""What every part of a site file shares: frozen models that accept no unknown key, and names."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Model(BaseModel):
    """Base of the site's models. Field docstrings become descriptions in the JSON Schema."""

    # pydantic can take the docstrings itself, but then reads every source again at each import.
    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /) -> dict[str, Any]:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, said in _field_docstrings(cls).items():
            if name in properties:
                properties[name].setdefault("description", said)
        return schema


def _field_docstrings(model: type[Model]) -> dict[str, str]:
    """What is said below each field of a model, those of its bases included."""
    found: dict[str, str] = {}
    for part in reversed(model.__mro__):
        if part is not Model and issubclass(part, Model):
            (body,) = ast.parse(textwrap.dedent(inspect.getsource(part))).body
            assert isinstance(body, ast.ClassDef)
            for field, below in pairwise(body.body):
                match field, below:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                        found[name] = inspect.cleandoc(said)
    return found


Name = Annotated[
    str,
    Field(
        pattern=r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$",
        json_schema_extra={"unit": "name"},
        description="lower-case letters, digits and hyphens, up to 32 characters",
    ),
]
"""A name that is safe in hostnames, file names and labels."""

CatalogKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$", description="a key of the catalog")]

# Sizes beyond these are typing errors, not sites: a 5 GW pipeline is some 600,000 nodes.
MAX_NODE_COUNT = 700_000
MAX_SU_COUNT = 20_000
