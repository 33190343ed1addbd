"""What an administrator may set: one TOML file, overridden by the environment.

The file is `$TUNGNHA_CONFIG`, or `tungnha.toml` in the data folder. Every option below can also be given as
the environment variable `TUNGNHA_<OPTION>`; `DATABASE_URL` is read under its usual name.
"""

import os
import secrets
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

OIDC_PRESETS = ("standard", "vn-national")
"""How an identity provider names what it says: by OpenID Connect's own claims, or by the national portal's."""


class OptionsError(Exception):
    """A setting that cannot be read. The message names the file or variable and the reason."""


@dataclass(frozen=True)
class Options:
    """Settings of one installation."""

    data: Path
    database_url: str
    master_key: bytes
    debug: bool = False
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    public_url: str = "http://localhost:8000"
    hotline: str = ""
    language: str = "vi"
    time_zone: str = "Asia/Ho_Chi_Minh"
    engine: str = "local"
    log_level: str = "INFO"
    osm: str = ""
    secure_cookies: bool = False
    proxies: int = 0
    second_factor: bool = True
    audit_days: int = 730
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_label: str = ""
    oidc_preset: str = "standard"
    oidc_scope: str = "openid profile"


_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def _as_bool(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in _TRUE | _FALSE:
        return str(value).lower() in _TRUE
    raise OptionsError(f"{name}: expected true or false, found {value!r}")


def _at_least(least: int) -> Callable[[str, object], int]:
    def as_int(name: str, value: object) -> int:
        if isinstance(value, bool) or not str(value).isdecimal() or int(str(value)) < least:
            raise OptionsError(f"{name}: expected a whole number of at least {least}, found {value!r}")
        return int(str(value))

    return as_int


def _as_preset(name: str, value: object) -> str:
    if value not in OIDC_PRESETS:
        raise OptionsError(f"{name}: expected one of {', '.join(OIDC_PRESETS)}, found {value!r}")
    return str(value)


def _as_hosts(name: str, value: object) -> tuple[str, ...]:
    del name
    return tuple(map(str, value)) if isinstance(value, list) else tuple(map(str.strip, str(value).split(",")))


_READ_AS: dict[str, Callable[[str, object], object]] = {
    "debug": _as_bool,
    "secure_cookies": _as_bool,
    "second_factor": _as_bool,
    "proxies": _at_least(0),
    "audit_days": _at_least(365),
    "oidc_preset": _as_preset,
    "hosts": _as_hosts,
}


def _master_key(data: Path) -> bytes:
    """The installation's secret, made on first use. Losing it loses every encrypted field; back it up apart."""
    given = os.environ.get("TUNGNHA_MASTER_KEY")
    if given:
        key = bytes.fromhex(given)
    else:
        path = data / "master.key"
        if not path.exists():
            data.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
        key = bytes.fromhex(path.read_text().strip())
    if len(key) < 32:
        raise OptionsError("TUNGNHA_MASTER_KEY: expected at least 64 hexadecimal digits")
    return key


def read() -> Options:
    """Read the options of this installation. Raises OptionsError naming what is wrong."""
    data = Path(os.environ.get("TUNGNHA_DATA", "var")).resolve()
    path = Path(os.environ.get("TUNGNHA_CONFIG", data / "tungnha.toml"))
    values: dict[str, object] = {}
    if path.exists():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise OptionsError(f"{path}: {error}") from error
    elif "TUNGNHA_CONFIG" in os.environ:
        raise OptionsError(f"TUNGNHA_CONFIG: there is no file {path}")
    settable = {field.name for field in fields(Options)} - {"data", "master_key"}
    unknown = sorted(set(values) - settable)
    if unknown:
        raise OptionsError(f"{path}: unknown option {unknown[0]!r}; known are {', '.join(sorted(settable))}")
    for name in settable - {"database_url"}:
        if f"TUNGNHA_{name.upper()}" in os.environ:
            values[name] = os.environ[f"TUNGNHA_{name.upper()}"]
    for name, read_as in _READ_AS.items():
        if name in values:
            values[name] = read_as(name, values[name])
    values["database_url"] = (
        os.environ.get("DATABASE_URL")
        or values.get("database_url")
        or f"sqlite:///{data / 'tungnha.sqlite3'}"
    )
    return Options(data=data, master_key=_master_key(data), **values)  # type: ignore[arg-type]
