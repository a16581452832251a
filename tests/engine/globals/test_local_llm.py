"""The global ``LocalLLM`` in both languages, before a server that speaks Ollama's API."""

from __future__ import annotations

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.providers import standard_providers
from llmspell_engine.providers.ollama import server_url
from llmspell_engine.providers.settings import ProviderSettings
from support.globals import Pair, check_pair, check_refused
from support.ollama_server import PULLED, OllamaServer, serving
from support.runtime import both


def services(url: str) -> Services:
    return Services(providers=standard_providers(settings={"ollama": ProviderSettings(base_url=f"{url}/v1")}))


PRINTS = [
    Pair(
        "the server's state",
        "local s = LocalLLM.status().ollama print(s.running, s.ready, s.models, s.version, s.error)",
        "const s = (await LocalLLM.status()).ollama; say(s.running, s.ready, s.models, s.version, s.error)",
        "true\ttrue\t1\t0.12.6\tnil\n",
    ),
    Pair(
        "the models that are there",
        "for _, m in ipairs(LocalLLM.list()) do"
        " print(m.id, m.backend, m.size_bytes, m.quantization, m.modified_at) end",
        "for (const m of await LocalLLM.list('ollama'))"
        " say(m.id, m.backend, m.sizeBytes, m.quantization, m.modifiedAt)",
        "llama3.2:latest\tollama\t2019393189\tQ4_K_M\t2026-01-31T12:00:00.123456789+01:00\n",
    ),
    Pair(
        "what a model is",
        "local m = LocalLLM.info('llama3.2') print(m.id, m.format, m.loaded, m.parameter_count,"
        " m.architecture, m.context_length, m.size_bytes, table.concat(m.capabilities, ','))",
        "const m = await LocalLLM.info('llama3.2'); say(m.id, m.format, m.loaded, m.parameterCount,"
        " m.architecture, m.contextLength, m.sizeBytes, m.capabilities.join(','))",
        "llama3.2:latest\tgguf\ttrue\t3.2B\tllama\t131072\t2019393189\tcompletion,tools\n",
    ),
    Pair(
        "a download, as it goes on",
        "local r = LocalLLM.pull('llama3.2:1b@ollama', function(p)"
        " print(p.status, p.percent_complete, p.bytes_downloaded, p.bytes_total) end)"
        " print(r.model_id, r.status, r.percent_complete)",
        "const r = await LocalLLM.pull('llama3.2:1b@ollama',"
        " (p) => say(p.status, p.percentComplete.toFixed(1), p.bytesDownloaded, p.bytesTotal));"
        " say(r.modelId, r.status, r.percentComplete.toFixed(1))",
        "pulling manifest\t0.0\t0\tnil\n"
        "pulling a1\t0.0\t0\t300\n"
        "pulling a1\t50.0\t150\t300\n"
        "pulling a1\t100.0\t300\t300\n"
        "pulling b2\t100.0\t400\t400\n"
        "verifying sha256 digest\t100.0\t400\t400\n"
        "writing manifest\t100.0\t400\t400\n"
        "success\t100.0\t400\t400\n"
        "llama3.2:1b\tsuccess\t100.0\n",
    ),
    Pair(
        "a download that nobody watches",
        "print(LocalLLM.pull('llama3.2').status)",
        "say((await LocalLLM.pull('llama3.2')).status)",
        "success\n",
    ),
]


@both
@pytest.mark.parametrize("pair", PRINTS, ids=lambda pair: pair.name)
def test_local_models(pair: Pair, language: Language) -> None:
    with serving() as server:
        check_pair(pair, language, services=services(server.url))


NONE = Pair(
    "a model that is not there",
    "LocalLLM.info('qwen9')",
    "await LocalLLM.info('qwen9')",
    "the Ollama server at {url} has no model 'qwen9'; LocalLLM.list() tells what it has, and"
    " LocalLLM.pull('qwen9') downloads it",
)
UNKNOWN = Pair(
    "a download of what does not exist",
    "LocalLLM.pull('qwen9')",
    "await LocalLLM.pull('qwen9')",
    "the model 'qwen9' cannot be pulled: pull model manifest: file does not exist",
)
CUT = Pair(
    "a download that ends early",
    "LocalLLM.pull('qwen9')",
    "await LocalLLM.pull('qwen9')",
    "the Ollama server at {url} ended the download of 'qwen9' before it was whole; pull it again to go on",
)
DOWN = Pair(
    "a server that is not there",
    "LocalLLM.list()",
    "await LocalLLM.list()",
    "the Ollama server at {url} cannot be reached; start it with 'ollama serve', or say where it is with"
    " base_url in [providers.ollama] or the variable OLLAMA_HOST",
)
FAILED = ({"status": "pulling manifest"}, {"error": "pull model manifest: file does not exist"})


def check_at(pair: Pair, language: Language, server: OllamaServer) -> None:
    told = Pair(pair.name, pair.lua, pair.javascript, pair.expect.replace("{url}", server.url))
    check_refused(told, language, services=services(server.url))


@both
def test_what_goes_wrong(language: Language) -> None:
    with serving() as server:
        check_at(NONE, language, server)
    with serving(FAILED) as server:
        check_at(UNKNOWN, language, server)
    with serving(PULLED[:3]) as server:
        check_at(CUT, language, server)
    check_at(DOWN, language, server)


STATUS = Pair(
    "",
    "local s = LocalLLM.status().ollama"
    " print(s.running, s.ready, s.models, s.error:match('cannot be reached'))",
    "const s = (await LocalLLM.status()).ollama;"
    " say(s.running, s.ready, s.models, s.error.match('cannot be reached')[0])",
    "false\tfalse\t0\tcannot be reached\n",
)


@both
def test_a_server_that_is_down_is_told_of(language: Language) -> None:
    with serving() as server:
        pass
    check_pair(STATUS, language, services=services(server.url))


@pytest.mark.parametrize(
    ("configured", "variable", "expect"),
    [
        (None, "", "http://localhost:11434"),
        ("http://far:8080/v1", "elsewhere", "http://far:8080"),
        ("http://far:8080/", "", "http://far:8080"),
        (None, "127.0.0.1", "http://127.0.0.1:11434"),
        (None, "0.0.0.0:9999", "http://127.0.0.1:9999"),
        (None, ":9999", "http://127.0.0.1:9999"),
        (None, "[::1]:9999", "http://[::1]:9999"),
        (None, "http://far", "http://far:80"),
        (None, "https://far/ollama/", "https://far:443/ollama"),
    ],
)
def test_where_the_server_is(configured: str | None, variable: str, expect: str) -> None:
    assert server_url(configured, variable) == expect
