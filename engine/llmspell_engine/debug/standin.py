"""A stand-in until the Lua runtime has landed."""
from __future__ import annotations
import lupa.lua54 as lupa
from llmspell_engine.runtime.base import *

class StandIn(ScriptRuntime):
    language = "lua"
    def __init__(self, context):
        self.context = context
        self.lua = lupa.LuaRuntime(encoding=None, register_eval=False, register_builtins=False, unpack_returned_tuples=True)
        self.lua.globals()[b"print_"] = lambda *a: context.streams.out("\t".join(x.decode() for x in a) + "\n")
        self.lua.execute(b'''local p, s, select, unpack = print_, tostring, select, table.unpack; print_ = nil
        function print(...) local t = {...}; for i = 1, select('#', ...) do t[i] = s(t[i]) end p(unpack(t)) end''')
        if context.observer: context.observer.attached(self)
    def run(self, path, text):
        if self.context.observer: text = self.context.observer.transform(path, text)
        load = self.lua.eval(b"load")
        f = load(text.encode(), b"@" + path.encode())
        if isinstance(f, tuple): raise ScriptError(f[1].decode())
        if self.context.observer: self.context.observer.compiled(path, f)
        try: f()
        except lupa.LuaError as e: raise ScriptError(str(e))
    def evaluate(self, text): ...
    def here(self): return None
    def interrupt(self): ...
    def close(self): ...
