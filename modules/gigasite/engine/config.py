"""Stack configuration: Pulumi.<stack>.yaml, read and edited in place.

A key without a namespace belongs to the project: `region` is `sites:region`. Edits touch only the lines of
the key they change, so comments and order stay; a `config:` map in flow style (`{...}`) is written anew in
block style.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gigasite.engine.config_file import Scalar, parse, scalar, with_key, without_key
from gigasite.engine.project import Project
from gigasite.engine.secrets import Vault, passphrase_from_environment
from gigasite.errors import GigasiteError, UsageError

_REFUSED = {
    "environment": "environments (ESC)",
    "encryptedkey": "secrets of a key management service",
}


@dataclass
class StackConfig:
    """The configuration of one stack. `save()` writes the file back; reading never does."""

    project: Project
    stack: str
    path: Path
    text: str
    values: dict[str, Any] = field(default_factory=dict)
    salt_text: str = ""
    _vault: Vault | None = None

    @classmethod
    def load(cls, project: Project, stack: str) -> StackConfig:
        """Reads the stack's file; a missing one is empty. Raises GigasiteError for what it cannot do."""
        path = project.stack_file(stack)
        try:
            text = path.read_text(encoding="utf-8") if path.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise GigasiteError(f"cannot be read: {error}", path=str(path)) from None
        document = parse(text, path)
        for key, what in _REFUSED.items():
            if document.get(key):
                raise GigasiteError(f"the embedded engine does not do {what}", path=str(path), hint=f"see `{key}:`")
        provider = document.get("secretsprovider", "passphrase")
        if provider not in ("passphrase", "default", ""):
            raise GigasiteError(
                f"the embedded engine does not do the secrets provider {str(provider).partition('://')[0]}",
                path=str(path),
                hint="it does passphrases; use --engine pulumi for the others",
            )
        values = document.get("config") or {}
        if not isinstance(values, dict):
            raise GigasiteError("`config` is not a mapping", path=str(path))
        full = {_qualified(project, str(key)): value for key, value in values.items()}
        return cls(project, stack, path, text, full, str(document.get("encryptionsalt") or ""))

    # reading ---------------------------------------------------------------------------------------------

    def get(self, key: str) -> str | None:
        """The value of a key as text, decrypted where it is secret; None where it is not set."""
        name = _qualified(self.project, key)
        return self._open(self.values[name])[0] if name in self.values else None

    def items(self, *, show_secrets: bool = False) -> Iterator[tuple[str, str, bool]]:
        """Every key in full, its text, whether it is secret; secrets as "[secret]" unless asked for."""
        for name in sorted(self.values):
            secret = _is_secret(self.values[name])
            shown = self._open(self.values[name])[0] if show_secrets or not secret else "[secret]"
            yield name, shown, secret

    def resolved(self) -> tuple[dict[str, str], frozenset[str]]:
        """What a program gets: every key with its text, the project's defaults too, and which are secret."""
        texts: dict[str, str] = {}
        secrets: set[str] = set()
        for name, value in {**_project_defaults(self.project), **self.values}.items():
            texts[name], secret = self._open(value)
            if secret:
                secrets.add(name)
        return texts, frozenset(secrets)

    def secret_texts(self) -> list[str]:
        """Every secret of the file in clear, those inside of maps and lists too."""
        return [self.vault().decrypt(text) for text in _ciphertexts(self.values)]

    def encrypted(self) -> dict[str, Any]:
        """Every key with its value as the file has it, secrets as ciphertexts."""
        return {name: _recorded(self.values[name]) for name in sorted(self.values)}

    # changing --------------------------------------------------------------------------------------------

    def set(self, key: str, value: str) -> None:
        """Sets a plain value."""
        self._write(key, value, scalar(value))

    def set_secret(self, key: str, value: str) -> None:
        """Sets a value that the file holds only encrypted; makes the stack's salt where it has none."""
        ciphertext = self.vault().encrypt(value)
        self._write(key, {"secure": ciphertext}, f"\n    secure: {ciphertext}")

    def remove(self, key: str) -> bool:
        """Removes a key; tells whether it was there."""
        name = _qualified(self.project, key)
        if name not in self.values:
            return False
        del self.values[name]
        self.text = without_key(self.text, self._keys(name))
        return True

    def save(self) -> None:
        """Writes the file, whole or not at all."""
        temporary = ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(self.text)
                file.flush()
                os.fsync(file.fileno())
            mode = self.path.stat().st_mode & 0o777 if self.path.exists() else 0o644
            Path(temporary).chmod(mode)
            Path(temporary).replace(self.path)
        except OSError as error:
            if temporary:
                Path(temporary).unlink(missing_ok=True)
            raise GigasiteError(f"cannot be written: {error.strerror}", path=str(self.path)) from None

    # secrets ---------------------------------------------------------------------------------------------

    def vault(self, fallback_salt_text: str = "") -> Vault:
        """The stack's vault: by the file's salt, else `fallback_salt_text` (the state's), else a fresh one.

        A salt that the file lacked is added to it; `save()` keeps it.
        """
        if self._vault is None:
            passphrase = passphrase_from_environment()
            if self.salt_text or fallback_salt_text:
                self._vault = Vault(self.salt_text or fallback_salt_text, passphrase)
            else:
                self._vault = Vault.new(passphrase)
            if not self.salt_text:
                self.salt_text = self._vault.salt_text
                self.text = f"encryptionsalt: {self.salt_text}\n" + self.text
        return self._vault

    # inside ----------------------------------------------------------------------------------------------

    def _open(self, value: Any) -> tuple[str, bool]:
        """The text of a value of the file, and whether any of it is secret."""
        if isinstance(value, Mapping) and set(value) == {"secure"}:
            return self.vault().decrypt(str(value["secure"])), True
        if isinstance(value, Mapping | list):
            return json.dumps(self._opened(value), separators=(",", ":"), sort_keys=True), _is_secret(value)
        return _text(value), False

    def _opened(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            if set(value) == {"secure"}:
                return self.vault().decrypt(str(value["secure"]))
            return {str(key): self._opened(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._opened(item) for item in value]
        return value.text if isinstance(value, Scalar) else value

    def _keys(self, name: str) -> frozenset[str]:
        """The ways to write a key in the file."""
        namespace, _, short = name.partition(":")
        return frozenset({name, short} if namespace == self.project.name else {name})

    def _write(self, key: str, value: Any, rendered: str) -> None:
        name = _qualified(self.project, key)
        self.values[name] = value if isinstance(value, Mapping) else Scalar(value)
        self.text = with_key(self.text, self._keys(name), name, rendered)


def _text(value: Any) -> str:
    return value.text if isinstance(value, Scalar) else str(value)


def _recorded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _recorded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_recorded(item) for item in value]
    return value.text if isinstance(value, Scalar) else value


def _ciphertexts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if set(value) == {"secure"}:
            yield str(value["secure"])
        else:
            for item in value.values():
                yield from _ciphertexts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _ciphertexts(item)


def _is_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"secure"} or any(map(_is_secret, value.values()))
    return isinstance(value, list) and any(map(_is_secret, value))


def _qualified(project: Project, key: str) -> str:
    """`key` with its namespace. Raises UsageError for what is no key."""
    if not key or key != key.strip() or any(not c.isprintable() or c.isspace() for c in key) or key.count(":") > 2:
        raise UsageError(f"{key!r} is no configuration key", hint="use name or namespace:name")
    parts = key.split(":")
    if len(parts) == 3 and parts[1] == "config":  # the old spelling namespace:config:name
        return f"{parts[0]}:{parts[2]}"
    return key if len(parts) == 2 else f"{project.name}:{key}"


def _project_defaults(project: Project) -> dict[str, Any]:
    """`config:` of Pulumi.yaml: plain values, `value:`, or the `default:` of a declared type."""
    defaults: dict[str, Any] = {}
    for key, value in project.config.items():
        name = _qualified(project, str(key))
        if isinstance(value, Mapping):
            given = value.get("value", value.get("default"))
            if given is None:
                continue
            value = given
        defaults[name] = Scalar(_plain_text(value)) if not isinstance(value, Mapping | list) else value
    return defaults


def _plain_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
