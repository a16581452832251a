"""``llmspell run`` while its configuration changes."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

TIMEOUT = 30
SCRIPTS = {
    "main.lua": "local told Hook.register('ConfigurationChange', function(c) told = c.data.changed[1] end)\n"
    "print(Prompt.render('hi'))\n"
    "while not told do Async.sleep(0.05) end\nprint(Prompt.render('hi') .. ' ' .. told)\n",
    "main.js": "let told; Hook.register('ConfigurationChange', (c) => { told = c.data.changed[0]; });\n"
    "console.log(Prompt.render('hi'));\n"
    "while (!told) await Async.sleep(0.05);\nconsole.log(Prompt.render('hi'), told);\n",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_change_holds_while_the_script_runs(name: str, tmp_path: Path) -> None:
    config, new = tmp_path / "llmspell.toml", tmp_path / "new"
    config.write_text('[log]\nlevel = "info"\n[prompts]\nhi = "old"\n')
    new.write_text('[log]\nlevel = "info"\n[prompts]\nhi = "new"\n')
    (tmp_path / name).write_text(SCRIPTS[name])
    command = [sys.executable, "-u", "-m", "llmspell_cli", "run", name]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True) as process:
        end = threading.Timer(TIMEOUT, process.kill)
        end.start()
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "old\n"
            new.replace(config)
            out, err = process.communicate(timeout=TIMEOUT)
        finally:
            end.cancel()
            process.kill()
    assert (process.returncode, out) == (0, "new prompts.hi.text\n")
    assert err.split(maxsplit=1)[1] == 'INFO  llmspell.config: taken over keys=["prompts.hi.text"]\n'
