"""The app's modules joined into one script, when they are served.

A phone on a slow network waits a second for every round of requests: twelve modules are two of them, one script inside the
page is none. The sources stay plain ES modules, which a browser loads as they are; nothing has to be built.

Joined is what these modules need and no more: each becomes a block with its imports taken from the blocks before it. An
`import` or `export` of another form, or a circle of imports, is refused rather than joined wrongly.
"""

import re
from pathlib import Path

_IMPORT = re.compile(r'^import (\{[^}]*\}|\* as \w+) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)
_COMMENT = re.compile(r"^\s*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/)\n", re.MULTILINE)
"""A comment that has its lines to itself. No text over several lines may hold something of that look."""


class JoiningError(ValueError):
    """A module cannot be joined with the others; says which, and why."""


def joined(folder: Path, entry: str) -> str:
    """One module script that does what the module `entry` (a name without `.js`) in `folder` does with all it imports."""
    blocks: dict[str, str] = {}
    _join(folder, entry, blocks, ())
    return "\n".join(blocks.values())


def _join(folder: Path, name: str, blocks: dict[str, str], waiting: tuple[str, ...]) -> None:
    if name in blocks:
        return
    if name in waiting:
        raise JoiningError(f"{name}.js: imports in a circle ({' → '.join((*waiting, name))})")
    source = _COMMENT.sub("", (folder / f"{name}.js").read_text())
    for _names, other in _IMPORT.findall(source):
        _join(folder, other, blocks, (*waiting, name))
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub(_taken, source))
    if left := _LEFT.search(body):
        raise JoiningError(f"{name}.js: cannot be joined: {left[0]}")
    given = ", ".join(what for _kind, what in _EXPORT.findall(source))
    blocks[name] = f"const ${name} = {{}};\n{{\n{body.strip()}\nObject.assign(${name}, {{ {given} }});\n}}"


def _taken(found: re.Match[str]) -> str:
    names, module = found.groups()
    if "* as" in names:
        return f"const {names.removeprefix('* as ')} = ${module};"
    return f"const {names.replace(' as ', ': ')} = ${module};"
