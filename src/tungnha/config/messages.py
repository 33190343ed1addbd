"""Translation catalogues: compile them, and check that the Vietnamese one is complete and of one mind.

Each room keeps its own catalogue in `<room>/locale/vi/LC_MESSAGES/django.po`. Django pours them together, so that of two
rooms that translate one message differently the first in `INSTALLED_APPS` wins everywhere. Where two meanings share an
English word, one of them takes a context (`pgettext`).
Usage: python -m tungnha.config.messages compile|check
"""

import ast
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

PACKAGE = Path(__file__).parents[1]
_KEYWORDS = (
    "gettext_lazy",
    "ngettext:1,2",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "pgettext_lazy:1c,2",
    "gettext_noop",
    "_",
)


def _catalogues() -> list[Path]:
    return sorted(PACKAGE.rglob("locale/*/LC_MESSAGES/django.po"))


def compile_all() -> None:
    """Write every catalogue's compiled form beside it."""
    for path in _catalogues():
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


def _rooms() -> dict[Path, list[Path]]:
    """Each folder that keeps a catalogue → the files whose messages it must hold: the nearest such folder owns a file."""
    owners = {PACKAGE} | {path.parent for path in PACKAGE.rglob("apps.py")}
    files: dict[Path, list[Path]] = {owner: [] for owner in owners}
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and not {"tests", "vendor", "migrations"} & set(
            path.parts
        ):
            files[next(folder for folder in path.parents if folder in owners)].append(path)
    return files


Message = tuple[str, str]
"""What a translation is found by: its context, mostly none, and its English text."""


def _messages_in(files: list[Path]) -> set[Message]:
    """The messages that xgettext finds in Python files and Django templates."""
    from django.utils.translation.template import templatize  # noqa: PLC0415 - slow to load, and `compile` has no use for it

    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for number, path in enumerate(files):
            text = path.read_text(encoding="utf-8")
            copy = Path(folder) / f"{number}.py"
            copy.write_text(
                text if path.suffix == ".py" else templatize(text, origin=str(path)), encoding="utf-8"
            )
            copies.append(str(copy))
        target = Path(folder) / "out.po"
        command = ["xgettext", "--language=Python", "--from-code=UTF-8", "--force-po", f"--output={target}"]
        command += [f"--keyword={word}" for word in _KEYWORDS]
        subprocess.run(command + copies, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
        return set(_entries(target))


def unseen(source: str) -> list[int]:
    """Lines of messages inside f-strings, where xgettext does not look."""
    names = {word.partition(":")[0] for word in _KEYWORDS}
    return [
        call.lineno
        for text in ast.walk(ast.parse(source))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names
    ]


def _entries(catalogue: Path) -> dict[Message, polib.POEntry]:
    return {(entry.msgctxt or "", entry.msgid): entry for entry in polib.pofile(str(catalogue))}


def _told(message: Message) -> str:
    context, text = message
    return f"{text!r} ({context})" if context else repr(text)


def problems() -> list[str]:
    """What is missing, fuzzy, no longer used or out of sight in the Vietnamese catalogues, and what two rooms say differently,
    a line each.
    """
    found = []
    catalogues = {}
    for room, files in sorted(_rooms().items()):
        used = _messages_in(files)
        path = room / "locale/vi/LC_MESSAGES/django.po"
        entries = _entries(path) if path.exists() else {}
        done = {message for message, entry in entries.items() if entry.translated()}
        name = str(path.relative_to(PACKAGE))
        found += [
            f"{file.relative_to(PACKAGE)}:{line}: a message inside an f-string is not seen: take it out"
            for file in files
            if file.suffix == ".py"
            for line in unseen(file.read_text(encoding="utf-8"))
        ]
        found += [f"{name}: not translated: {_told(message)}" for message in sorted(used - done)]
        found += [f"{name}: no longer used: {_told(message)}" for message in sorted(set(entries) - used)]
        catalogues[name] = entries
    return found + disagreements(catalogues)


def disagreements(catalogues: dict[str, dict[Message, polib.POEntry]]) -> list[str]:
    """The messages that several catalogues translate, and not alike: a line each, with every translation and its place."""
    said: dict[Message, dict[str, list[str]]] = {}
    for name, entries in catalogues.items():
        for message, entry in entries.items():
            words = " | ".join(entry.msgstr_plural.values()) or entry.msgstr
            said.setdefault(message, {}).setdefault(words, []).append(name)
    return [
        f"two translations: {_told(message)}: "
        + "; ".join(f"{words!r} in {', '.join(names)}" for words, names in translations.items())
        for message, translations in sorted(said.items())
        if len(translations) > 1
    ]


def main(action: str) -> int:
    if action == "compile":
        compile_all()
        return 0
    lines = problems()
    sys.stdout.write("".join(f"{line}\n" for line in lines) or "Every message has its Vietnamese.\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
