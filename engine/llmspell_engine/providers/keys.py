"""Finding the key of a provider: the environment, then the keyring, then the configuration."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmspell_engine.providers.base import AuthenticationError

if TYPE_CHECKING:
    from llmspell_engine.providers.settings import ProviderSettings

KEYRING_SERVICE = "llmspell"


def find_key(
    provider: str, variable: str, settings: ProviderSettings, other_variables: Sequence[str] = ()
) -> str:
    """The provider's key. Raises AuthenticationError naming the three places that have none.

    ``other_variables`` are looked at where ``variable`` has none and the settings name no variable.
    """
    names = [settings.api_key_env] if settings.api_key_env else [variable, *other_variables]
    variable = names[0]
    key = next(filter(None, map(os.environ.get, names)), None) or _from_keyring(provider)
    if key:
        return key
    if settings.api_key is not None:
        return settings.api_key.get_secret_value()
    raise AuthenticationError(f"the provider '{provider}' has no key; {places(provider, variable)}")


def places(provider: str, variable: str) -> str:
    """Where a key is looked for, as advice."""
    return (
        f"set the environment variable {variable}, or the entry '{provider}' of the service"
        f" '{KEYRING_SERVICE}' in the keyring, or api_key in [providers.{provider}]"
    )


def _from_keyring(provider: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(KEYRING_SERVICE, provider)
    except KeyringError:  # a machine without a keyring has no key in it
        return None
