"""What the command line alone sets: known without the validation library."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.config.error import ConfigError
from llmspell_engine.config.resolution import resolve

STATE = Path("/somewhere/state.db")
GIVEN = [
    ("run.max_calls", 0, 0),
    ("run.max_tokens", 12, 12),
    ("run.max_cost", 0.5, 0.5),
    ("state.file", STATE, STATE),
    ("log.level", "debug", "debug"),
    ("log.otel.enabled", True, True),
]
REFUSED = [
    ("run.max_calls", -1),
    ("run.max_tokens", True),
    ("run.max_cost", -0.5),
    ("run.max_cost", float("nan")),
    ("log.level", "loud"),
    ("run.nothing", 1),
]


@pytest.fixture(autouse=True)
def no_user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(("key", "value", "expected"), GIVEN)
def test_an_option_is_configured(key: str, value: Any, expected: Any, tmp_path: Path) -> None:
    resolved = resolve(tmp_path, overrides={key: value, "run.params": None})
    found: Any = resolved.config
    for name in key.split("."):
        found = getattr(found, name)
    assert found == expected
    assert resolved.origin(tuple(key.split("."))).kind == "option"
    assert resolved.beyond_options is None


@pytest.mark.parametrize(("key", "value"), REFUSED)
def test_what_is_not_valid_is_refused(key: str, value: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=key.rpartition(".")[2].replace("_", "[_-]")):
        resolve(tmp_path, overrides={key: value})


def test_a_file_is_known_beyond_the_options(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text("[run]\nmax_tokens = 5\n", "utf-8")
    config = resolve(tmp_path, overrides={"run.max_calls": 3}).beyond_options
    assert config is not None
    assert (config.run.max_tokens, config.run.max_calls) == (5, 3)


def test_the_validation_library_is_not_imported(tmp_path: Path) -> None:
    program = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from llmspell_engine.config.resolution import resolve\n"
        "given = dict(json.loads(sys.argv[2]))\n"
        "given['state.file'] = Path(given['state.file'])\n"
        "resolve(Path(sys.argv[1]), overrides=given)\n"
        "print('pydantic' in sys.modules)\n"
    )
    given = json.dumps([(key, value) for key, value, _ in GIVEN], default=str)
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), given],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert ran.stdout == "False\n"
