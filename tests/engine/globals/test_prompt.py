"""The global ``Prompt`` in both languages: a script's templates before those of the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.prompts import PromptLibrary, PromptTemplate
from support.globals import Pair, check_pair, check_refused
from support.runtime import both

CONFIGURED = (
    PromptTemplate(
        "review", "Review {{ language }} for {{ reader }}.", "Asks for a review.", {"reader": "all"}
    ),
    PromptTemplate("plain", "Nothing to fill in."),
)


def services(root: Path | None = None) -> Services:
    return Services(prompts=PromptLibrary(CONFIGURED), root=root or Path.cwd())


PRINTS = [
    Pair(
        "a template is registered and rendered by its name",
        "Prompt.register('hi', 'Hello {{ name | title }}.') print(Prompt.render('hi', { name = 'ada' }))",
        "Prompt.register('hi', 'Hello {{ name | title }}.'); say(Prompt.render('hi', { name: 'ada' }))",
        "Hello Ada.\n",
    ),
    Pair(
        "a template of the configuration has its defaults",
        "print(Prompt.render('review', { language = 'Lua' }))"
        " print(Prompt.get('review'):render({ language = 'Lua', reader = 'us' }))",
        "say(Prompt.render('review', { language: 'Lua' }));"
        " say(Prompt.get('review').render({ language: 'Lua', reader: 'us' }))",
        "Review Lua for all.\nReview Lua for us.\n",
    ),
    Pair(
        "a handle tells what the template is",
        "local p = Prompt.get('review') print(p.name, p.text, p.description, table.concat(p.variables, ','))",
        "const p = Prompt.get('review'); say(p.name, p.text, p.description, p.variables.join(','))",
        "review\tReview {{ language }} for {{ reader }}.\tAsks for a review.\tlanguage,reader\n",
    ),
    Pair(
        "there is no description where none was given",
        "print(Prompt.get('plain').description, #Prompt.get('plain').variables, Prompt.get('none'))",
        "say(Prompt.get('plain').description, Prompt.get('plain').variables.length, Prompt.get('none'))",
        "nil\t0\tnil\n",
    ),
    Pair(
        "the script's templates hide those of the configuration",
        "Prompt.register('plain', { text = 'Mine: {{ x }}', variables = { x = 1 } })"
        " for _, each in ipairs(Prompt.list()) do print(each.name, #each.variables) end"
        " print(Prompt.render('plain'))",
        "Prompt.register('plain', { text: 'Mine: {{ x }}', variables: { x: 1 } });"
        " for (const each of Prompt.list()) say(each.name, each.variables.length);"
        " say(Prompt.render('plain'))",
        "plain\t1\nreview\t2\nMine: 1\n",
    ),
    Pair(
        "what is not a single word is a template itself",
        "print(Prompt.render('{{x}}', { x = 2 }), Prompt.render('two words'))",
        "say(Prompt.render('{{x}}', { x: 2 }), Prompt.render('two words'))",
        "2\ttwo words\n",
    ),
    Pair(
        "variables that the template sets itself are not asked for",
        "print(table.concat(Prompt.register('t', '{% set a = b %}{% for c in d %}{{ c }}{{ a }}{% endfor %}')"
        ".variables, ','))",
        "say(Prompt.register('t', '{% set a = b %}{% for c in d %}{{ c }}{{ a }}{% endfor %}')"
        ".variables.join(','))",
        "b,d\n",
    ),
    Pair(
        "agents take templates with the values of their variables",
        "local a = Agent.create({ model = 'echo', system_prompt = Prompt.get('review'),"
        " variables = { language = 'Lua' } })"
        " print(a:execute('x').metadata.response.system_prompt, a:get_config().system_prompt)"
        " print(Agent.builder():model('echo'):system_prompt(Prompt.get('plain')):build():execute('x')"
        ".metadata.response.system_prompt)",
        "const a = Agent.create({ model: 'echo', systemPrompt: Prompt.get('review'),"
        " variables: { language: 'Lua' } });"
        " say((await a.execute('x')).metadata.response.system_prompt, a.getConfig().systemPrompt);"
        " say((await Agent.builder().model('echo').systemPrompt(Prompt.get('plain')).build().execute('x'))"
        ".metadata.response.system_prompt)",
        "Review Lua for all.\tReview {{ language }} for {{ reader }}.\nNothing to fill in.\n",
    ),
]
REFUSED = [
    Pair(
        "a variable that is missing, with what it may have been",
        "Prompt.render('review', { langauge = 'Lua' })",
        "Prompt.render('review', { langauge: 'Lua' })",
        "the prompt 'review': 'language' is undefined; the variables given are 'langauge', 'reader';"
        " did you mean 'langauge'?",
    ),
    Pair(
        "a name that is near one",
        "Prompt.render('reveiw')",
        "Prompt.render('reveiw')",
        "there is no prompt 'reveiw'; did you mean 'review'?",
    ),
    Pair(
        "a text that is no template, when it is registered",
        "Prompt.register('broken', 'one\\n{{ two')",
        "Prompt.register('broken', 'one\\n{{ two')",
        "the prompt 'broken': line 2: unexpected end of template, expected 'end of print statement'.",
    ),
    Pair(
        "neither text nor file",
        "Prompt.register('empty', {})",
        "Prompt.register('empty', {})",
        "the prompt 'empty' needs either a text or a file",
    ),
    Pair(
        "what a template must not reach",
        "Prompt.render('{{ x.__class__.__mro__ }}', { x = 1 })",
        "Prompt.render('{{ x.__class__.__mro__ }}', { x: 1 })",
        "the prompt: access to attribute '__class__' of 'int' object is unsafe.",
    ),
]


@both
@pytest.mark.parametrize("pair", PRINTS, ids=lambda pair: pair.name)
def test_prompts(pair: Pair, language: Language) -> None:
    check_pair(pair, language, services=services())


@both
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_refused(pair: Pair, language: Language) -> None:
    check_refused(pair, language, services=services())


FROM_FILE = Pair(
    "a template is read from a file",
    "print(Prompt.register('hi', { file = 'hi.txt' }):render({ name = 'Ada' }))",
    "say(Prompt.register('hi', { file: 'hi.txt' }).render({ name: 'Ada' }))",
    "Hello Ada.\n",
)
OUTSIDE = Pair(
    "a file that is not there",
    "Prompt.register('hi', { file = 'none.txt' })",
    "Prompt.register('hi', { file: 'none.txt' })",
    "the prompt 'hi': 'none.txt' cannot be read: No such file or directory",
)


@both
def test_templates_in_files(language: Language, tmp_path: Path) -> None:
    (tmp_path / "hi.txt").write_text("Hello {{ name }}.")
    check_pair(FROM_FILE, language, services=services(tmp_path))
    check_refused(OUTSIDE, language, services=services(tmp_path))
