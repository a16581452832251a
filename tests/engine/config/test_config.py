"""Reading llmspell.toml: what it sets, and how what is wrong is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.config import ConfigError, find, load


def test_the_nearest_file_upward_is_found(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "llmspell.toml").write_text("")
    assert find(deep) == tmp_path / "llmspell.toml"


def test_a_file_sets_up_providers_and_limits(tmp_path: Path) -> None:
    path = tmp_path / "llmspell.toml"
    path.write_text(
        '[run]\nmax_tokens = 100\n\n[providers.mine]\ntype = "openai-compatible"\n'
        'base_url = "http://127.0.0.1:1/v1"\napi_key = "very-secret"\n'
    )
    config = load(path)
    assert config.run.max_tokens == 100
    assert config.providers["mine"].type == "openai-compatible"
    assert "very-secret" not in repr(config)


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("[run]\nmax_token = 1\n", "2: there is no 'run.max_token'; did you mean 'max_tokens'?"),
        ("\n[rum]\n", "2: there is no 'rum'; did you mean 'run'?"),
        (
            "[providers.x]\nmax_retries = -1\n",
            "2: 'providers.x.max_retries': should be greater than or equal to 0",
        ),
        ("[run]\nmax_calls = 'many'\n", "2: 'run.max_calls': should be a valid integer"),
        (
            "[security]\nallow = ['io.open', 'string.dump']\n",
            "2: 'security.allow[1]': nothing allows 'string.dump', for bytecode is run nowhere;"
            " keep the source text, and load it",
        ),
        (
            "[security.scripts.'a*']\nrefuse = ['os.execut']\n",
            "2: 'security.scripts.a*.refuse[0]': no profile leaves 'os.execut' out, so there is no rule"
            " for it; did you mean 'os.execute'?",
        ),
        (
            "[security]\nrefuse = ['string.dump']\nallow = ['print']\n",
            "3: 'security.allow[0]': no profile leaves 'print' out, so there is no rule for it",
        ),
        ("[run\n", "1: expected ']' at the end of a table declaration"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, expect: str, tmp_path: Path) -> None:
    path = tmp_path / "llmspell.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert str(raised.value).startswith(f"{path}:{expect}")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "llmspell.toml"
    path.write_text("[run]\na = 1\nb = 2\n")
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert len(str(raised.value).splitlines()) == 2
