"""Where the key of a provider comes from, with a real keyring in the process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError
from llmspell_engine.providers.base import AuthenticationError
from llmspell_engine.providers.keys import find_key
from llmspell_engine.providers.settings import ProviderSettings


class MemoryKeyring(KeyringBackend):
    """Keeps passwords in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringError("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    for name in ("ACME_KEY", "OTHER_KEY", "CHOSEN_KEY"):
        monkeypatch.delenv(name, raising=False)
    before, mine = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


PLACES: dict[str, tuple[Any, ...]] = {
    # The variables, what the keyring has, the settings' key and their variable; and the key that is found.
    "the environment comes first": ({"ACME_KEY": "e"}, "k", "s", None, "e"),
    "then another variable": ({"OTHER_KEY": "o"}, "k", "s", None, "o"),
    "the first variable before the other": ({"ACME_KEY": "e", "OTHER_KEY": "o"}, None, None, None, "e"),
    "an empty variable is none": ({"ACME_KEY": ""}, "k", "s", None, "k"),
    "then the keyring": ({}, "k", "s", None, "k"),
    "then the settings": ({}, None, "s", None, "s"),
    "a variable of the settings": ({"ACME_KEY": "e", "CHOSEN_KEY": "c"}, "k", "s", "CHOSEN_KEY", "c"),
    "that one alone": ({"ACME_KEY": "e", "OTHER_KEY": "o"}, "k", "s", "CHOSEN_KEY", "k"),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_the_first_place_with_a_key_has_it(
    place: tuple[Any, ...], ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables, kept, given, chosen, found = place
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if kept is not None:
        keyring.set_password("llmspell", "acme", kept)
    settings = ProviderSettings(api_key=given, api_key_env=chosen)
    assert find_key("acme", "ACME_KEY", settings, ("OTHER_KEY",)) == found


@pytest.mark.parametrize("is_locked", [False, True])
def test_without_a_key_the_places_are_told(is_locked: bool, ring: MemoryKeyring) -> None:
    ring.is_locked = is_locked
    with pytest.raises(
        AuthenticationError, match="set the environment variable ACME_KEY, or the entry 'acme' of"
    ):
        find_key("acme", "ACME_KEY", ProviderSettings())


def test_settings_never_show_a_key() -> None:
    settings = ProviderSettings(api_key="sk-very-secret", headers={"x-key": "hidden-value"})  # type: ignore[arg-type,dict-item]
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert "sk-very-secret" not in shown
    assert "hidden-value" not in shown
