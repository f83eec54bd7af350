"""Pulumi's passphrase secrets: AES-256-GCM with a key of PBKDF2-SHA256, as the CLI writes and reads them.

The salt text is `v1:<base64 salt>:<ciphertext of "pulumi">`; a ciphertext is `v1:<base64 nonce>:<base64
data>`. Deriving a key takes a quarter of a second on purpose, so a vault starts it in the background and
waits for it where the key is first needed.
"""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from functools import lru_cache
from pathlib import Path
from typing import Final

from gigasite.errors import GigasiteError

ROUNDS_COUNT: Final = 1_000_000
SALT_BYTES: Final = 8
NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_PROOF: Final = "pulumi"

PASSPHRASE_VARIABLE: Final = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105
PASSPHRASE_FILE_VARIABLE: Final = "PULUMI_CONFIG_PASSPHRASE_FILE"  # noqa: S105


def passphrase_from_environment() -> str:
    """The passphrase of this run; an empty one is allowed, none at all raises GigasiteError."""
    if PASSPHRASE_VARIABLE in os.environ:
        return os.environ[PASSPHRASE_VARIABLE]
    file = os.environ.get(PASSPHRASE_FILE_VARIABLE)
    if not file:
        raise GigasiteError(
            "no passphrase for the secrets of this stack",
            hint=f"set {PASSPHRASE_VARIABLE} (it may be empty) or {PASSPHRASE_FILE_VARIABLE}",
        )
    try:
        return Path(file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise GigasiteError(
            f"the passphrase file cannot be read: {reason}", path=file, hint=f"see {PASSPHRASE_FILE_VARIABLE}"
        ) from None


@lru_cache(maxsize=16)
def _derive(passphrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, ROUNDS_COUNT, _KEY_BYTES)


class Vault:
    """Encrypts and decrypts with one salt and passphrase; safe to share between threads.

    A wrong passphrase raises GigasiteError at the first use of the key, or at `check()`.
    """

    def __init__(self, salt_text: str, passphrase: str) -> None:
        self.salt_text = salt_text
        self._passphrase = passphrase
        self._salt, self._proof = _parse_salt(salt_text)
        self._lock = threading.Lock()
        self._key: bytes | None = None

    @classmethod
    def new(cls, passphrase: str) -> Vault:
        """A vault with a fresh salt."""
        salt = os.urandom(SALT_BYTES)
        key = _derive(passphrase, salt)
        return cls(f"v1:{base64.b64encode(salt).decode()}:{_encrypt(key, _PROOF)}", passphrase)

    def start(self) -> None:
        """Derives the key in the background, so that it is there when it is needed."""
        threading.Thread(target=_derive, args=(self._passphrase, self._salt), daemon=True).start()

    def check(self) -> None:
        """Raises GigasiteError where the passphrase is not the one that the salt was made with."""
        self._opened()

    def encrypt(self, text: str) -> str:
        return _encrypt(self._opened(), text)

    def decrypt(self, ciphertext: str) -> str:
        """The text of a ciphertext. Raises GigasiteError where another key or nobody wrote it."""
        text = _decrypt(self._opened(), ciphertext)
        if text is None:
            raise GigasiteError("a secret of this stack cannot be decrypted", hint="it was written with another key")
        return text

    def _opened(self) -> bytes:
        if self._key is None:
            with self._lock:
                key = _derive(self._passphrase, self._salt)
                if _decrypt(key, self._proof) != _PROOF:
                    raise GigasiteError(
                        "incorrect passphrase",
                        hint=f"the stack's secrets were made with another one; see {PASSPHRASE_VARIABLE} "
                        f"and {PASSPHRASE_FILE_VARIABLE}",
                    )
                self._key = key
        return self._key


def _parse_salt(text: str) -> tuple[bytes, str]:
    version, _, rest = text.partition(":")
    salt, _, proof = rest.partition(":")
    try:
        if version != "v1" or not proof:
            raise ValueError
        return base64.b64decode(salt, validate=True), proof
    except ValueError:
        raise GigasiteError(
            "the encryption salt of this stack is not one that this engine knows",
            hint="`encryptionsalt` in the stack file starts with v1:",
        ) from None


def _encrypt(key: bytes, text: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    data = AESGCM(key).encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(data).decode()}"


def _decrypt(key: bytes, ciphertext: str) -> str | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    version, _, rest = ciphertext.partition(":")
    nonce, _, data = rest.partition(":")
    if version != "v1":
        return None
    try:
        return AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(data), None).decode()
    except (InvalidTag, ValueError):
        return None
