"""The global ``Config`` in both languages: the truth about the run, secrets masked."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.assembly import Launch, assemble
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from support.globals import Pair, check_pair
from support.runtime import both

TEXT = """\
[run]
max_calls = 5
[providers.mine]
type = "openai-compatible"
base_url = "http://user:a-password-in-a-url@127.0.0.1:9/v1"
api_key = "a-key-that-nobody-may-see"
[tools]
root = "data"
disabled = ["calculator"]
[prompts]
greeting = "Hello a-key-that-nobody-may-see."
"""
PRINTS = [
    Pair(
        "values by their path",
        "print(Config.get('run.max_calls'), Config.get('run.max_tokens'), Config.get('run.max_tokens', 7),"
        " Config.get('no.such', 'none'), Config.get('log.format'))",
        "say(Config.get('run.max_calls'), Config.get('run.max_tokens'), Config.get('run.max_tokens', 7),"
        " Config.get('no.such', 'none'), Config.get('log.format'))",
        "3\tnil\t7\tnone\ttext\n",
    ),
    Pair(
        "who set them",
        "print(Config.get_origin('run.max_calls'), Config.get_origin('log.format'))"
        " print((Config.get_origin('tools.root'):gsub('.*/', '')))",
        "say(Config.getOrigin('run.max_calls'), Config.getOrigin('log.format'));"
        " say(Config.getOrigin('tools.root').replace(/.*[/]/, ''))",
        "--max-calls\tdefault\nllmspell.toml:8\n",
    ),
    Pair(
        "secrets masked wherever they stand",
        "print(Config.get('providers.mine.api_key'), Config.get('prompts.greeting.text'),"
        " Config.get_provider('mine').base_url, Config.to_json():find('nobody', 1, true),"
        " Config.to_json():find('password', 1, true))",
        "say(Config.get('providers.mine.api_key'), Config.get('prompts.greeting.text'),"
        " Config.getProvider('mine').base_url, Config.toJson().match('nobody'),"
        " Config.toJson().match('password'))",
        "[secret]\tHello [secret].\thttp://user:[secret]@127.0.0.1:9/v1\tnil\tnil\n",
    ),
    Pair(
        "sections and the whole",
        "print(Config.get_section('run').max_calls, Config.get().tools.disabled[1],"
        " JSON.parse(Config.to_json()).run.max_calls)",
        "say(Config.getSection('run').max_calls, Config.get().tools.disabled[0],"
        " JSON.parse(Config.toJson()).run.max_calls)",
        "3\tcalculator\t3\n",
    ),
    Pair(
        "providers",
        "local all = table.concat(Config.list_providers(), ' ')"
        " print(all:find('mine', 1, true) ~= nil, all:find('echo', 1, true) ~= nil,"
        " Config.get_provider('openai'))",
        "const all = Config.listProviders();"
        " say(all.includes('mine'), all.includes('echo'), Config.getProvider('openai'))",
        "true\ttrue\tnil\n",
    ),
    Pair(
        "what tools may touch",
        "local t = Config.get_tools() print(t.root:match('[^/]+$'), t.disabled[1],"
        " Config.is_file_access_allowed(), Config.is_file_access_allowed('a.txt'),"
        " Config.is_file_access_allowed('../a.txt'))",
        "const t = Config.getTools(); say(t.root.match(/[^/]+$/)[0], t.disabled[0],"
        " Config.isFileAccessAllowed(), Config.isFileAccessAllowed('a.txt'),"
        " Config.isFileAccessAllowed('../a.txt'))",
        "data\tcalculator\ttrue\ttrue\tfalse\n",
    ),
]


@both
@pytest.mark.parametrize("pair", PRINTS, ids=lambda pair: pair.name)
def test_the_configuration(pair: Pair, language: Language, tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(TEXT)
    (tmp_path / "data").mkdir()
    check_pair(pair, language, services=assemble(Launch(tmp_path, max_calls=3)).services)


NOTHING = Pair(
    "",
    "print(Config.get('run.max_calls'), Config.get('log.format'), Config.get_origin('log.format'))",
    "say(Config.get('run.max_calls'), Config.get('log.format'), Config.getOrigin('log.format'))",
    "nil\ttext\tdefault\n",
)


@both
def test_without_a_configuration_there_are_the_defaults(language: Language) -> None:
    check_pair(NOTHING, language, services=Services())
