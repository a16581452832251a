"""Tools for the system. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "environment-reader": "environment_reader.EnvironmentReader",
    "process-executor": "process_executor.ProcessExecutor",
    "service-checker": "service_checker.ServiceChecker",
    "system-monitor": "system_monitor.SystemMonitor",
}
