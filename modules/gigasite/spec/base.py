"""What every part of a site file shares: frozen models that accept no unknown key, and names."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Base of the site's models. Field docstrings become descriptions in the JSON Schema."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


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
