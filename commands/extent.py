"""How far a screen may reach: the memory it may take, and the machines it may run on."""

from __future__ import annotations

import click

BYTES = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


class Size(click.ParamType):  # type: ignore[type-arg]  # older click is not generic
    """An amount of memory, as 500MB or 2GB."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The bytes, or a usage error in one line."""
        text = str(value).strip().upper()
        number = text[:-2].strip()
        if isinstance(value, int):
            return value
        if text[-2:] not in BYTES or not number.isdecimal() or not number.isascii() or not int(number):
            self.fail(f"{value!r} is no amount of memory; write it as 2GB or 500MB", param, ctx)
        return int(number) * BYTES[text[-2:]]


class Where(click.ParamType):  # type: ignore[type-arg]  # older click is not generic
    """Spark: on this machine, or a cluster by its address."""

    name = "where"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """What was said, or a usage error in one line."""
        said = str(value)
        if said != "spark" and not said.startswith("spark://"):
            self.fail(f"{said!r} is no place to run; write spark, or spark://HOST:PORT", param, ctx)
        return said
