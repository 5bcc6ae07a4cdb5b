"""What every parameter means, said once for all operations: ``parameters.csv`` fills what a router does not say itself."""

from __future__ import annotations

from functools import cache
from typing import Any

from ninja import NinjaAPI

from yike.web.open.tables import rows


@cache
def meanings() -> dict[str, str]:
    """Return the meaning of parameters by name, Chinese first."""
    return {row["name"]: f"{row['zh']} {row['en']}" for row in rows("parameters.csv")}


def fill(told: dict[str, Any]) -> None:
    """Add a description to every parameter and operation of an OpenAPI that has none."""
    for methods in told["paths"].values():
        for operation in methods.values():
            operation.setdefault("description", operation.get("summary", ""))
            for parameter in operation.get("parameters", ()):
                said = parameter.get("description") or parameter["schema"].get("description")
                parameter["description"] = said or meanings().get(parameter["name"], "")


class DescribedAPI(NinjaAPI):
    """An interface whose description leaves no parameter unexplained."""

    def get_openapi_schema(self, **where: Any) -> Any:
        """Return the OpenAPI description, filled."""
        told = super().get_openapi_schema(**where)
        fill(told)
        return told
