"""What a run may touch: the questions that tools and runtimes ask before they touch it.

Every question answers with what is to be used (a resolved path, an address, a command line), never
with a yes: what was checked and what is then used are the same thing. What is refused raises
:class:`SecurityError`, which says the profile, the rule and how to allow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_engine.security.errors import SecurityError
from llmspell_engine.security.limits import Limits
from llmspell_engine.security.narrowing import Narrowing
from llmspell_engine.security.profiles import DEFAULT, PROFILES, Profile

if TYPE_CHECKING:
    import httpx

    from llmspell_engine.language import Language
    from llmspell_engine.security.addresses import CheckedUrl
    from llmspell_engine.security.audit import Audit
    from llmspell_engine.security.checksums import Checksums

T = TypeVar("T")
__all__ = ["Limits", "Permissions", "SecurityError", "http_client"]


@dataclass(frozen=True, slots=True)
class Permissions:
    """What one run may touch."""

    rules: Profile = PROFILES[DEFAULT]
    root: Path = field(default_factory=Path.cwd)
    """The folder that relative paths start at."""
    read: tuple[Path, ...] = ()
    """Further files and folders that may be read."""
    write: tuple[Path, ...] = ()
    """Further files and folders that may be read and written."""
    hosts: tuple[str, ...] = ()
    """Hosts that may be reached whatever the profile says: names, ``*.names``, addresses, networks."""
    processes: tuple[str, ...] = ()
    """Programs that may be started, by name or by path."""
    variables: tuple[str, ...] = ()
    """Environment variables that may be read; ``LC_*`` names all that begin so."""
    modules: tuple[Path, ...] = ()
    """Further folders of files that may be loaded as code."""
    checksums: Checksums | None = None
    """What the files that are loaded as code have to hold."""
    guarded: tuple[Path, ...] = ()
    """Files that scripts write only where they are listed themselves: the audit, the configuration."""

    audit: Audit | None = field(default=None, compare=False)
    """Where it is written down what was refused."""
    narrowing: Narrowing = field(default_factory=Narrowing, compare=False)
    """What has been taken back meanwhile."""

    @property
    def all(self) -> tuple[Permissions, ...]:
        """Each of those that have to allow a thing."""
        return (self, *self.narrowing.held)

    @property
    def profile(self) -> str:
        """The profile's name."""
        return self.rules.name

    @property
    def limits(self) -> Limits:
        """How much the run may use."""
        return self.rules.limits

    def readable(self, given: str, *, follow: bool = True) -> Path:
        """The path to read from: absolute, without links, or the link itself without ``follow``.

        Raises SecurityError.
        """
        from llmspell_engine.security.paths import allowed_path

        return self._told("read", allowed_path(self, given, writing=False, follow=follow))

    def writable(self, given: str, *, follow: bool = True) -> Path:
        """The path to write to, or to remove; what is written may also be read. Raises SecurityError."""
        from llmspell_engine.security.paths import allowed_path

        return self._told("write", allowed_path(self, given, writing=True, follow=follow))

    async def check_url(self, url: str) -> CheckedUrl:
        """A URL of the web with the addresses of its host, after the look-up. Raises SecurityError.

        What fetches URLs uses :func:`http_client`, which asks this for every redirect too.
        """
        from llmspell_engine.security.addresses import check_url

        return self._told("hosts", await check_url(self, url))

    async def host(self, name: str, port: int) -> str:
        """The address to connect to, of a host by name or address: for what speaks no HTTP.

        Raises SecurityError, and OSError where the name is not known.
        """
        from llmspell_engine.security.addresses import checked_addresses

        return self._told("hosts", (await checked_addresses(self, name, port))[0])

    def process(self, argv: Sequence[str]) -> list[str]:
        """The command line to start, its program by an absolute path. Raises SecurityError.

        A program that is not there raises FileNotFoundError.
        """
        from llmspell_engine.security.processes import allowed_command

        return self._told("processes", allowed_command(self, argv))

    def process_variables(self, names: Iterable[str]) -> None:
        """Raise SecurityError for a variable that would have a program run other code than its own."""
        from llmspell_engine.security.processes import check_variables

        check_variables(self, names)

    def variable(self, name: str) -> str | None:
        """The value of an environment variable, None where it is not set. Raises SecurityError."""
        from llmspell_engine.security.variables import allowed_variable

        value = allowed_variable(self, name)
        self._told("variables", name)
        return value

    def _told(self, rule: str, what: T) -> T:
        if self.audit is not None and self.audit.tells_allowed:
            self.audit.write("allowed", self.profile, rule, str(what))
        return what

    def refuse_name(self, language: Language, name: str) -> SecurityError:
        """The error of a name of a language that is left out."""
        from llmspell_engine.security.names import NOWHERE, last_profile

        if name in NOWHERE[language]:
            remedy = str(NOWHERE[language][name])
        elif name in self.rules.withheld.get(language, ()):
            remedy = f'take "{name}" out of refuse in [security]'
        else:
            last = last_profile(language, name)
            remedy = f'allow it with --profile {last} or allow = ["{name}"] in [security]'
        return self.refuse(f"'{name}'", "names", remedy)

    def refuse_bytecode(self, what: str = "bytecode") -> SecurityError:
        """The error of code that is no text."""
        from llmspell_engine.security.names import BYTECODE

        return self.refuse(what, "names", str(BYTECODE))

    def refuse(self, refused: str, rule: str, remedy: str = "") -> SecurityError:
        """The error of something that is not allowed; it is written down."""
        if self.audit is not None:
            self.audit.write("refused", self.profile, rule, refused)
        return SecurityError(refused, profile=self.profile, rule=rule, remedy=remedy)


def http_client(permissions: Permissions, **options: Any) -> httpx.AsyncClient:
    """A client of HTTP that reaches what is allowed and nothing else. ``options`` are those of httpx.

    Each request, those of redirects too, is checked, and goes to the very address that was checked.
    Redirects are not followed unless asked for with ``follow_redirects=True``. Proxies of the environment
    are not used.
    """
    from llmspell_engine.security.client import make_client

    return make_client(permissions, options)
