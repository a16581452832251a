"""``llmspell run`` while its configuration changes."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

TIMEOUT = 30
SCRIPTS = {
    "main.lua": "print(Prompt.render('hi'))\n"
    "while Prompt.render('hi') == 'old' do Async.sleep(0.05) end\nprint(Prompt.render('hi'))\n",
    "main.js": "console.log(Prompt.render('hi'));\n"
    "while (Prompt.render('hi') === 'old') await Async.sleep(0.05);\nconsole.log(Prompt.render('hi'));\n",
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
    assert (process.returncode, out) == (0, "new\n")
    assert err.split(maxsplit=1)[1] == 'INFO  llmspell.config: taken over keys=["prompts.hi.text"]\n'
