"""Providers written by users, in a file, a module or an installed package; and what may be wrong with one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.providers import Message, ModelAnswer, ModelRequest, ProviderError, standard_providers
from llmspell_engine.providers.settings import ProviderSettings
from support.globals import Pair, check_pair
from support.runtime import both

HEAD = """
from llmspell_engine.providers.base import Chunk, ModelAnswer, ProviderError, Usage
from llmspell_engine.providers.own import SimpleProvider
"""
SHOUT = f"""{HEAD}
class Shouting(SimpleProvider):
    models = ("loud",)

    async def complete(self, request):
        text = request.messages[-1].text.upper() + self.settings.options.get("end", "")
        return ModelAnswer(text, Usage(1, 2, 0.5))
"""
BARE = """
class Bare:
    def __init__(self, name, settings):
        self.key = settings.api_key.get_secret_value() if settings.api_key else "none"
        self.url = settings.base_url

    async def complete(self, request):
        return f"{self.url} {self.key} " + request.messages[-1].text
"""
WHOLE = f"""{HEAD}
class Whole(SimpleProvider):
    closed = False

    async def stream(self, request):
        yield Chunk("a")
        yield Chunk("b")
        yield Chunk(answer=await self.complete(request))

    async def complete(self, request):
        return ModelAnswer("ab")

    async def close(self):
        type(self).closed = True
"""
REQUEST = ModelRequest("m", [Message("user", "hi there")])


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules that Python finds."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith(("acme", "llmspell_provider_")):
            del sys.modules[name]


def installed(folder: Path, package: str, name: str, value: str) -> None:
    """What installing a package with an entry point leaves behind."""
    info = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[llmspell.providers]\n{name} = {value}\n")


PLUGGED = Pair(
    "a plug-in among all providers",
    "for _, p in ipairs(Provider.list()) do"
    " if p.name == 'plugged' then print(p.type, p.enabled, #p.models) end end"
    " print(Provider.get('plugged').name, Provider.is_available('plugged'), Provider.get('unplugged'))",
    "for (const p of Provider.list()) if (p.name === 'plugged') say(p.type, p.enabled, p.models.length);"
    " say(Provider.get('plugged').name, await Provider.isAvailable('plugged'), Provider.get('unplugged'))",
    "plugged\ttrue\t%d\nplugged\ttrue\tnil\n",
)


@both
@pytest.mark.parametrize("models", [(), ("one", "two")], ids=["only installed", "with settings"])
def test_a_plug_in_is_told_without_being_imported(
    models: tuple[str, ...], language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, "acme-models", "plugged", "acme_never:Provider")
    monkeypatch.syspath_prepend(str(tmp_path))
    settings = {"plugged": ProviderSettings(models=models)} if models else {}
    pair = replace(PLUGGED, expect=PLUGGED.expect % len(models))
    check_pair(pair, language, services=Services(providers=standard_providers(settings=settings)))


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


async def ask(settings: dict[str, Any], model: str = "mine/m", **own: Any) -> tuple[ModelAnswer, list[str]]:
    """The answer, and the pieces of a stream of the same request."""
    providers = standard_providers(settings={"mine": ProviderSettings(**settings)})
    provider, name = providers.resolve(model, **own)
    answer = await provider.complete(ModelRequest(name, REQUEST.messages))
    chunks = [chunk async for chunk in provider.stream(ModelRequest(name, REQUEST.messages))]
    assert chunks[-1].answer == answer
    await providers.close()
    return answer, [chunk.text for chunk in chunks[:-1]]


async def test_a_file_needs_complete_alone(modules: Path) -> None:
    file = written(modules / "mine.py", SHOUT)
    answer, pieces = await ask({"file": file, "options": {"end": "!"}}, "mine/loud")
    assert (answer.text, answer.usage.tokens, answer.usage.cost) == ("HI THERE!", 3, 0.5)
    assert pieces == ["HI ", "THERE!"]


async def test_a_class_needs_no_base_and_may_give_the_text(modules: Path) -> None:
    written(modules / "acme_bare.py", BARE)
    settings = {"class": "acme_bare:Bare", "base_url": "http://a", "api_key": "k1"}
    answer, pieces = await ask(settings)
    assert (answer.text, pieces[0]) == ("http://a k1 hi there", "http://a ")
    answer, _ = await ask(settings, base_url="http://b", api_key="k2")
    assert answer.text == "http://b k2 hi there"


async def test_a_whole_provider_streams_and_is_closed_by_its_own_means(modules: Path) -> None:
    written(modules / "acme_whole.py", WHOLE)
    _, pieces = await ask({"class": "acme_whole:Whole"})
    assert pieces == ["a", "b"]
    assert sys.modules["acme_whole"].Whole.closed


async def test_an_installed_package_offers_a_provider(modules: Path) -> None:
    written(
        modules / "acme_plug.py", f"{SHOUT}\ndef make(name, settings):\n    return Shouting(name, settings)\n"
    )
    installed(modules, "acme-models", "acme", "acme_plug:make")
    provider, name = standard_providers().resolve("acme/loud")
    assert (provider.name, provider.models) == ("acme", ("loud",))
    assert (await provider.complete(ModelRequest(name, REQUEST.messages))).text == "HI THERE"
    chosen = {"acme": ProviderSettings(options={"end": "?"}, max_concurrent=1)}
    provider, _ = standard_providers(settings=chosen).resolve("acme/loud")
    assert (await provider.complete(REQUEST)).text == "HI THERE?"
    with pytest.raises(ProviderError, match=r"did you mean 'acme/loud'\?"):
        standard_providers().resolve("acmee/loud")


WRONG = {
    "no file": ({"file": "{0}/none.py"}, "", "there is no file '{0}/none.py' for the provider 'mine'"),
    "no module": (
        {"class": "acme_none.deep:Mine"}, "",
        "the provider 'mine' is in the module 'acme_none.deep', which is not installed; install its package",
    ),
    "no colon": (
        {"class": "acme.Mine"}, "",
        "the class 'acme.Mine' of the provider 'mine' must be written as 'package.module:Class'",
    ),
    "no class": (
        {"class": "acme_wrong:Mine"}, SHOUT,
        "there is no 'Mine' in 'acme_wrong:Mine' for the provider 'mine'; there is 'Shouting'",
    ),
    "no class in a file": (
        {"file": "{0}/acme_wrong.py"}, "x = 1", "has no class with complete() for the provider"
    ),
    "two classes in a file": (
        {"file": "{0}/acme_wrong.py"}, SHOUT + BARE,
        "has several classes with complete() for the provider 'mine'; there is 'Shouting', 'Bare'; name one"
        " by class in [providers.mine]",
    ),
    "an error in it": (
        {"file": "{0}/acme_wrong.py"}, "1/0",
        "cannot be imported from '{0}/acme_wrong.py': ZeroDivisionError: division by zero",
    ),
    "a module that it lacks": (
        {"class": "acme_wrong:Mine"}, "import acme_lacking",
        "cannot be imported from 'acme_wrong': ModuleNotFoundError: No module named 'acme_lacking'",
    ),
    "no complete": ({"class": "acme_wrong:Mine"}, "class Mine:\n    def __init__(self, *a): ...",
                    "(acme_wrong:Mine) lacks complete(): write 'async def complete(self, request)'"),
    "the complete of the base": (
        {"class": "acme_wrong:Mine"}, f"{HEAD}\nclass Mine(SimpleProvider): ...", "lacks complete(): write"
    ),
    "a complete that does not wait": (
        {"class": "acme_wrong:Mine"},
        "class Mine:\n    def __init__(self, *a): ...\n    def complete(self, request): return 'x'",
        "its complete must be 'async def complete(self, request)'",
    ),
    "no class but a value": (
        {"class": "acme_wrong:Mine"}, "Mine = 1",
        "(acme_wrong:Mine) is a int; it must be a class, or a function that makes one",
    ),
    "another signature": (
        {"class": "acme_wrong:Mine"}, "class Mine:\n    async def complete(self, request): ...",
        "(acme_wrong:Mine) cannot be made: TypeError: Mine() takes no arguments; it is called with its name"
        " and its settings",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "source", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_provider_is_told_when_it_is_asked_for(
    settings: dict[str, str], source: str, words: str, modules: Path
) -> None:
    written(modules / "acme_wrong.py", source)
    chosen = ProviderSettings(**{name: value.format(modules) for name, value in settings.items()})  # type: ignore[arg-type]
    with pytest.raises(ProviderError) as raised:
        standard_providers(settings={"mine": chosen}).resolve("mine/m")
    assert words.format(modules) in str(raised.value)


ANSWERS = {
    "an error of its own": (
        "raise ValueError('odd')", "the provider 'mine' (acme_odd:Mine) failed: ValueError: odd"
    ),
    "a known error": ("raise ProviderError('out of ink')", "out of ink"),
    "another value": ("return 3", "its complete() gave a int; it must give a ModelAnswer, or the text alone"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "words"), ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("is_stream", [False, True])
async def test_what_goes_wrong_in_an_answer_is_told(
    body: str, words: str, is_stream: bool, modules: Path
) -> None:
    lines = [
        "class Mine:",
        "    def __init__(self, *a): ...",
        f"    async def complete(self, request): {body}",
    ]
    source = "\n".join([HEAD, *lines])
    written(modules / "acme_odd.py", source)
    settings = {"mine": ProviderSettings(**{"class": "acme_odd:Mine"})}
    provider, _ = standard_providers(settings=settings).resolve("mine/m")

    async def ask() -> None:
        if is_stream:
            _ = [chunk async for chunk in provider.stream(REQUEST)]
        else:
            await provider.complete(REQUEST)

    with pytest.raises(ProviderError) as raised:
        await ask()
    assert words in str(raised.value)


async def test_a_stream_without_its_answer_is_told(modules: Path) -> None:
    body = "class Mine(Whole):\n    async def stream(self, request):\n        yield Chunk('a')\n"
    written(modules / "acme_part.py", f"{WHOLE}\n{body}")
    settings = {"mine": ProviderSettings(**{"class": "acme_part:Mine"})}
    provider, _ = standard_providers(settings=settings).resolve("mine/m")
    with pytest.raises(ProviderError, match="its stream must end with a Chunk that carries the whole answer"):
        _ = [chunk async for chunk in provider.stream(REQUEST)]


def test_two_packages_that_offer_the_same_are_told(modules: Path) -> None:
    installed(modules, "acme-one", "acme", "acme_one:make")
    installed(modules, "acme-two", "acme", "acme_two:make")
    with pytest.raises(ProviderError, match="packages offer the provider 'acme': acme_one:make, acme_two"):
        standard_providers().resolve("acme/m")


def test_an_installed_provider_that_cannot_be_imported_is_told(modules: Path) -> None:
    installed(modules, "acme-models", "acme", "acme_none:make")
    with pytest.raises(
        ProviderError, match=r"'acme' \(acme_none:make of the package acme-models\) cannot be imported"
    ):
        standard_providers().resolve("acme/m")


def test_a_type_and_a_class_do_not_go_together() -> None:
    with pytest.raises(ValueError, match="give either 'type', or 'class' and 'file'"):
        ProviderSettings(**{"type": "openai", "class": "a:B"})
