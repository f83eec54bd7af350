"""What programs and components say of switches and of pushing to them.

Components take these types as arguments: Pulumi reads them for the schema and follows no annotations that are text, so
this module does not import `annotations`.
"""

from typing import NotRequired, TypedDict

import pulumi


class SwitchArgs(TypedDict):
    """One switch and the whole text of its configuration, which holds no secrets."""

    os: str
    """What it runs: eos, frr, nvue or sonic."""
    text: str
    """The configuration."""
    address: NotRequired[str]
    """Host name or address of its management; needed to push."""
    port: NotRequired[int]
    """Port of SSH or HTTPS there, where it is not the usual one."""


class PushArgs(TypedDict):
    """How configurations are brought to switches. Paths count from the folder of Pulumi.yaml."""

    user: str
    """Whom the switches know."""
    password: NotRequired[pulumi.Input[str]]
    """Password, as a secret; it is kept as one in any case."""
    password_variable: NotRequired[str]
    """Environment variable that holds the password."""
    key_file: NotRequired[str]
    """Private key for SSH; else the agent and the user's own keys."""
    known_hosts: NotRequired[str]
    """Host keys; the user's own known_hosts where absent."""
    ca_bundle: NotRequired[str]
    """Authorities of HTTPS certificates; those that the system trusts where absent."""
    confirm_s: NotRequired[int]
    """Time after which a switch takes a change back that was not confirmed; 120 where absent."""
    patience_s: NotRequired[int]
    """Time for which a switch that does not answer is called; 20 where absent."""
    concurrency: NotRequired[int]
    """Switches that are changed at once; 16 where absent."""
    canary_count: NotRequired[int]
    """Switches, the first by name, that are changed one by one before all others; 0 where absent."""
    on_failure: NotRequired[str]
    """Canaries changed before one failed: `rollback` brings them back, `stop` not; `rollback` where absent."""
