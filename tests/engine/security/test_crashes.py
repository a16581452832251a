"""What once ended the whole process, or might, in a process of its own."""

# ruff: noqa: E501 - a script is easier to read in one line

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.processes import environment

LUA = {
    # A value that the host got in a coroutine, kept by the error of the call, after the coroutine is gone.
    "errors of the host that outlive their coroutine": """
        for round = 1, 30 do
          local kept = {}
          for i = 1, 50 do
            pcall(coroutine.wrap(function()
              local noted <close> = setmetatable({}, { __close = function(_, problem) kept[i] = problem end })
              Tool.execute("nope", { i })
            end))
          end
          collectgarbage() collectgarbage()
          kept = nil
          collectgarbage() collectgarbage()
          pcall(os.getenv, "MY_OWN_KEY")
        end
        print("went on")
    """,
}
JAVASCRIPT = {
    "buffers that shrink while they are worked on": """
        const made = () => new ArrayBuffer(1 << 16, { maxByteLength: 1 << 16 });
        const uses = [
          (b, u) => u.sort(() => { b.resize(0); return 1; }),
          (b, u) => u.fill({ valueOf() { b.resize(1); return 7; } }),
          (b, u) => u.set({ length: 65536, get 0() { b.resize(0); return 1; } }),
          (b, u) => u.lastIndexOf(0, { valueOf() { b.resize(0); return 60000; } }),
          (b, u) => u.sort(() => { structuredClone(b, { transfer: [b] }); return 0; }),
          (b) => new DataView(b).setInt8({ valueOf() { structuredClone(b, { transfer: [b] }); return 3; } }, 5),
        ];
        for (const use of uses) { const b = made(); try { use(b, new Uint8Array(b)); } catch {} }
        console.log("went on");
    """,
    "the host called amid a call of the host": """
        const walk = (function* () { State.save("global", "z", { get v() { return walk.next(); } }); yield 1; })();
        try { walk.next(); } catch {}
        const deep = () => Tool.list({ get x() { return deep(); } });
        try { deep(); } catch {}
        let nested = {}; for (let i = 0; i < 1e5; i++) nested = { nested };
        try { State.save("global", "n", nested); } catch {}
        console.log("went on");
    """,
}
ROWS = [
    *(("main.lua", name, text) for name, text in LUA.items()),
    *(("main.js", name, text) for name, text in JAVASCRIPT.items()),
]


@pytest.mark.parametrize(("file", "name", "text"), ROWS, ids=[name for _, name, _ in ROWS])
def test_the_process_goes_on(file: str, name: str, text: str, tmp_path: Path) -> None:
    script = tmp_path / file
    script.write_text(text)
    ran = subprocess.run(
        [sys.executable, "-m", "llmspell_cli", "run", str(script)],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "went on\n", "")
