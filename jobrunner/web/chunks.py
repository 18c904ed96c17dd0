"""The modules as they are served: joined, so that a page loads a few chunks instead of a hundred files.

The folder stays as it is, and every address in it: a module in a chunk is served as the names that it exports, so that
whatever a page imports, each module runs once. Inside a chunk a module is a function that returns its exports: its
names are its own, and nothing is renamed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from posixpath import dirname

from jobrunner.web.modules import LATER, Module, address, place, take_apart

# A chunk has what its roots import and no chunk above has. What is needed later, or not by every page, has its own.
CHUNKS = {
    "chunk-client.js": ["jobrunner.js"],
    "chunk-watching.js": ["watching.js", "tabs.js"],
    "chunk-upload.js": ["upload.js"],
    "chunk-components.js": ["components.js"],
    "chunk-elements.js": ["element.js", "file-links.js", "icons.js", "job-element.js", "job-filter.js", "stale.js"],
    "chunk-job.js": ["job-status.js"],
    "chunk-list.js": ["job-list.js"],
    "chunk-form.js": ["submit-form.js"],
    "chunk-react.js": ["react.js"],
    "dashboard/chunk-dashboard.js": ["dashboard/main.js"],
}
# What does something as soon as it is loaded runs for those only who ask for it by name.
ALONE = {"components.js", "dashboard/main.js", "jobs-badge.js", "jobs-connection.js"}


class Chunks:
    """All modules of a folder as they are served. Unchanging."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """Join modules, given without comments; raises `ValueError` where one is not written as ours are."""
        self.modules = take_apart(sources)
        self._chunk_of: dict[str, str] = {}
        for chunk, roots in CHUNKS.items():
            self._chunk_of |= dict.fromkeys(self._graph(roots) - self._chunk_of.keys() - ALONE, chunk)

    def __iter__(self) -> Iterator[str]:
        """Go through the names that are served."""
        yield from self.modules
        yield from CHUNKS

    def __getitem__(self, name: str) -> str:
        """Return the text that is served under a name."""
        if name in CHUNKS:
            return self._chunk(name)
        module = self.modules[name]
        return self._facade(module) if name in self._chunk_of else self._file(module)

    def _graph(self, roots: list[str]) -> set[str]:
        found: set[str] = set()
        waiting = [*roots]
        while waiting:
            found.add(name := waiting.pop())
            waiting += self.modules[name].imports.keys() - found
        return found

    def _chunk(self, chunk: str) -> str:
        members = [each for name, each in self.modules.items() if self._chunk_of.get(name) == chunk]
        imported = dict.fromkeys(other for each in members for other in each.imports)
        needed = [other for other in imported if self._chunk_of.get(other) != chunk]
        return self._head(chunk, needed) + "".join(self._scope(each, chunk) for each in members)

    def _scope(self, module: Module, chunk: str) -> str:
        if "import.meta" in module.code and dirname(module.name) != dirname(chunk):
            raise ValueError(f"{module.name} asks for its address, which is another one in {chunk}.")
        code = _names(module) + self._later(module, chunk)
        return f"export const {_variable(module.name)} = (() => {{\n{code}return {_list(module.exports)};\n}})();\n"

    def _facade(self, module: Module) -> str:
        names = f"export const {_list(module.exports)} = {_variable(module.name)};\n"
        return self._head(module.name, [module.name]) + names

    def _file(self, module: Module) -> str:
        exports = f"export {_list(module.exports)};\n" if module.exports else ""
        return self._head(module.name, module.imports) + _names(module) + self._later(module, module.name) + exports

    def _head(self, name: str, needed: Iterable[str]) -> str:
        """Return the imports of modules by their variables, a statement for each file."""
        files: dict[str, list[str]] = {}
        for other in needed:
            files.setdefault(self._chunk_of.get(other, other), []).append(_variable(other))
        return "".join(
            f'import {_list(names) if file in CHUNKS else f"* as {names[0]}"} from "{address(name, file)}";\n'
            for file, names in files.items()
        )

    def _later(self, module: Module, name: str) -> str:
        """Return the code of a module; what it loads when it is needed comes from its chunk."""

        def load(found: re.Match[str]) -> str:
            target = place(module.name, found[1])
            chunk = self._chunk_of.get(target)
            if chunk is None:
                return f'import("{address(name, target)}")'
            return f'import("{address(name, chunk)}").then((all) => all.{_variable(target)})'

        return LATER.sub(load, module.code)


def _names(module: Module) -> str:
    return "".join(f"const {_list(names)} = {_variable(other)};\n" for other, names in module.imports.items() if names)


def _list(names: list[str]) -> str:
    return f"{{ {', '.join(names)} }}"


def _variable(name: str) -> str:
    """Return what a module is called in a chunk."""
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))
