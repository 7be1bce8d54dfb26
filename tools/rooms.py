"""Two contracts for import-linter that say what the table of rooms says: who may import whom.

The contracts that import-linter brings list what is forbidden; a new room would then be free by
default. These list what is allowed, so a new import is a decision somebody writes down here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import grimp
from importlinter import Contract, ContractCheck, fields, output

# Parts of the standard library that read the world: a clock, a file, a socket, a process, chance.
WORLD = frozenset(
    {
        "asyncio", "ctypes", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "queue", "random",
        "secrets", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading",
        "time", "urllib",
    }
)  # fmt: skip


def within(module: str, packages: Iterable[str]) -> bool:
    """True if `module` is one of `packages` or lies inside one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def inside(graph: grimp.ImportGraph, package: str) -> list[str]:
    """The modules of `package` itself and below, sorted; none if it does not exist."""
    return sorted(module for module in graph.modules if within(module, [package]))


def is_ours(graph: grimp.ImportGraph, module: str) -> bool:
    return not graph.is_module_squashed(module)


class RoomContract(Contract):
    """What stands in `room` imports, directly, only itself and `may_import`.

    third_party: which packages of others it may use (all, when left out).
    no_world: it may use nothing of the standard library that reads a clock, a file, a socket or chance.
    """

    type_name = "room"

    room = fields.StringField()
    may_import = fields.ListField(subfield=fields.StringField())
    third_party = fields.ListField(subfield=fields.StringField(), required=False)
    no_world = fields.BooleanField(required=False, default=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        del verbose
        broken = [
            (importer, imported)
            for importer in inside(graph, str(self.room))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not self._allowed(graph, imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def _allowed(self, graph: grimp.ImportGraph, imported: str) -> bool:
        if is_ours(graph, imported):
            return within(imported, [str(self.room), *_strings(self.may_import)])
        top = imported.partition(".")[0]
        if top in sys.stdlib_module_names:
            return not (_is_set(self.no_world) and top in WORLD)
        allowed: object = self.third_party
        return allowed is None or top in _strings(allowed)

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"{importer} imports {imported}; the room {self.room} may not.", bold=False)


class DoorContract(Contract):
    """`modules` are imported, directly, only by `opened_by` and, with `own_package`, by their own package."""

    type_name = "door"

    modules = fields.ListField(subfield=fields.StringField())
    opened_by = fields.ListField(subfield=fields.StringField())
    own_package = fields.BooleanField(required=False, default=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        del verbose
        broken = [
            (importer, module)
            for door in _strings(self.modules)
            for module in inside(graph, door)
            for importer in sorted(graph.find_modules_that_directly_import(module))
            if not within(importer, self._allowed(door))
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def _allowed(self, door: str) -> list[str]:
        own = door.rpartition(".")[0] if _is_set(self.own_package) else door
        return [door, own, *_strings(self.opened_by)]

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, module in check.metadata["broken"]:
            output.print_error(f"{importer} imports {module}; only {self.opened_by} may.", bold=False)


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _is_set(value: object) -> bool:
    return value is True
