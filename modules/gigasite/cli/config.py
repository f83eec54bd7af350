"""`gigasite config`: a stack's configuration and secrets, as Pulumi keeps them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from gigasite.cli.output import format_option, print_json, print_table
from gigasite.cli.sites import find_stack
from gigasite.errors import UsageError

if TYPE_CHECKING:
    from gigasite.engine.config import StackConfig


@click.group()
def config() -> None:
    """Read and change the configuration of SITE's stack. Keys without a namespace belong to the project."""


@config.command("set")
@click.argument("site")
@click.argument("key")
@click.argument("value", required=False)
@click.option("--secret", is_flag=True, help="Keep the value encrypted.")
@format_option()
def set_value(site: str, key: str, value: str | None, secret: bool, style: str) -> None:
    """Set KEY. Without VALUE it is read from stdin, or asked for on a terminal."""
    opened = _open(site)
    if value is None:
        value = _asked(key, secret=secret)
    if secret:
        opened.set_secret(key, value)
    else:
        opened.set(key, value)
    opened.save()
    if style == "json":
        print_json({"stack": opened.stack, "key": key, "secret": secret})


@config.command("get")
@click.argument("site")
@click.argument("key")
@format_option()
def get_value(site: str, key: str, style: str) -> None:
    """Print the value of KEY, secrets decrypted."""
    value = _open(site).get(key)
    if value is None:
        raise UsageError(f"{key!r:.80} is not set", hint=f"`gigasite config list {site}` shows what is")
    if style == "json":
        print_json({"key": key, "value": value})
    else:
        print(value)


@config.command("rm")
@click.argument("site")
@click.argument("key")
@format_option()
def remove_value(site: str, key: str, style: str) -> None:
    """Remove KEY."""
    opened = _open(site)
    if not opened.remove(key):
        raise UsageError(f"{key!r:.80} is not set", hint=f"`gigasite config list {site}` shows what is")
    opened.save()
    if style == "json":
        print_json({"stack": opened.stack, "removed": key})


@config.command("list")
@click.argument("site")
@click.option("--show-secrets", is_flag=True, help="Print secrets in clear.")
@format_option()
def list_values(site: str, show_secrets: bool, style: str) -> None:
    """List every key."""
    items = list(_open(site).items(show_secrets=show_secrets))
    if style == "json":
        print_json([{"key": key, "value": value, "secret": secret} for key, value, secret in items])
        return
    print_table("Configuration", ("key", "value", "secret"), [(k, v, "yes" if s else "") for k, v, s in items])


def _open(site: str) -> StackConfig:
    from gigasite.engine.config import StackConfig

    stack = find_stack(site)
    return StackConfig.load(stack.project, stack.name)


def _asked(key: str, *, secret: bool) -> str:
    if sys.stdin.isatty():
        answer: str = click.prompt(key, hide_input=secret, default="", show_default=False)
        return answer
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")
