"""How busy the machine is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext
from llmspell_engine.tools.parameters import ToolParameters

Operation = Literal["all", "stats", "cpu", "memory", "disk"]
_SAMPLE_SECONDS = 0.05
"""How long the processor is watched."""


class MonitorParameters(ToolParameters):
    """What is measured."""

    operation: Operation = Field("all", description="What to measure.")


class DiskUsage(Result):
    """How full a disk is."""

    mount_point: str = Field(description="The folder where its files are.")
    total_bytes: int = Field(description="Its size.")
    used_bytes: int = Field(description="What is used.")
    available_bytes: int = Field(description="What may still be used.")
    usage_percent: float = Field(description="What is used, of 100.")


class SystemFacts(Result):
    """What was measured; what was not asked for is absent."""

    cpu_usage_percent: float | None = Field(None, description="How busy the processors are, of 100.")
    cpu_count: int | None = Field(None, description="How many processors there are.")
    load_average: list[float] | None = Field(
        None, description="The load of the last 1, 5 and 15 minutes, where the system tells it."
    )
    total_memory_bytes: int | None = Field(None, description="The memory there is.")
    used_memory_bytes: int | None = Field(None, description="The memory that is used.")
    available_memory_bytes: int | None = Field(None, description="The memory that programs can get.")
    memory_usage_percent: float | None = Field(None, description="The memory that is used, of 100.")
    total_memory_formatted: str | None = Field(None, description="The memory there is, in words.")
    used_memory_formatted: str | None = Field(None, description="The memory that is used, in words.")
    available_memory_formatted: str | None = Field(None, description="The memory that is free, in words.")
    disk_usage: list[DiskUsage] | None = Field(None, description="The disks.")
    uptime_seconds: int | None = Field(None, description="How long the machine has been on.")
    process_count: int | None = Field(None, description="How many processes there are.")
    formatted: str | None = Field(None, description="All of it, in words.")


class SystemMonitor(Tool[MonitorParameters]):
    """Measures processors, memory and disks of the machine."""

    name = "system-monitor"
    category = "system"
    aliases = ("system_monitor",)
    Parameters = MonitorParameters
    returns = SystemFacts
    blocks = True

    def run(self, parameters: MonitorParameters, context: ToolContext) -> Outcome:
        """Measure."""
        facts: dict[str, object] = {}
        for measure in _MEASURES[parameters.operation]:
            facts |= measure()
        result = SystemFacts.model_validate(facts)
        text = "\n".join(_lines(result))
        if parameters.operation in ("all", "stats"):
            result = result.model_copy(update={"formatted": text})
        return Outcome(parameters.operation, result, text, f"Measured {parameters.operation}")


def _cpu() -> dict[str, object]:
    import psutil

    facts: dict[str, object] = {
        "cpu_usage_percent": psutil.cpu_percent(interval=_SAMPLE_SECONDS),
        "cpu_count": psutil.cpu_count() or 1,
    }
    if hasattr(os, "getloadavg"):
        facts["load_average"] = [round(one, 2) for one in os.getloadavg()]
    return facts


def _memory() -> dict[str, object]:
    import psutil

    memory = psutil.virtual_memory()
    sizes = {"total": memory.total, "used": memory.used, "available": memory.available}
    return {
        **{f"{name}_memory_bytes": size for name, size in sizes.items()},
        **{f"{name}_memory_formatted": size_in_words(size) for name, size in sizes.items()},
        "memory_usage_percent": memory.percent,
    }


def _disks() -> dict[str, object]:
    import psutil

    found: list[DiskUsage] = []
    places = dict.fromkeys([Path.cwd().anchor])
    places |= dict.fromkeys(part.mountpoint for part in psutil.disk_partitions(all=False))
    for place in places:
        try:
            usage = psutil.disk_usage(place)
        except OSError:
            # A disk that this user may not look at, or that was taken away.
            continue
        found.append(
            DiskUsage(
                mount_point=place,
                total_bytes=usage.total,
                used_bytes=usage.used,
                available_bytes=usage.free,
                usage_percent=usage.percent,
            )
        )
    return {"disk_usage": found}


def _system() -> dict[str, object]:
    import psutil

    uptime = int(time.time() - psutil.boot_time())
    return {"uptime_seconds": max(0, uptime), "process_count": len(psutil.pids())}


_MEASURES: dict[Operation, tuple[Callable[[], dict[str, object]], ...]] = {
    "cpu": (_cpu,),
    "memory": (_memory,),
    "disk": (_disks,),
    "stats": (_cpu, _memory, _system),
    "all": (_cpu, _memory, _disks, _system),
}


def size_in_words(size: float) -> str:
    """A size in bytes as a person reads it: ``1.5 GiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def _lines(facts: SystemFacts) -> list[str]:
    lines: list[str] = []
    if facts.cpu_usage_percent is not None:
        lines.append(f"processors: {facts.cpu_count}, {facts.cpu_usage_percent} % busy")
    if facts.memory_usage_percent is not None:
        used, total = facts.used_memory_formatted, facts.total_memory_formatted
        lines.append(f"memory: {used} of {total}, {facts.memory_usage_percent} %")
    for disk in facts.disk_usage or ():
        total = size_in_words(disk.total_bytes)
        lines.append(f"disk {disk.mount_point}: {size_in_words(disk.used_bytes)} of {total}")
    if facts.process_count is not None:
        lines.append(f"processes: {facts.process_count}, up for {facts.uptime_seconds} s")
    return lines
