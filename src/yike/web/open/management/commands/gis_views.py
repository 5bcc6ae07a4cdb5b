"""``manage.py gis_views``: views with geometry columns for QGIS and the like, in a PostgreSQL with PostGIS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from yike.web.open.gis import NoGis, check, create, drop, let_read


class Command(BaseCommand):
    """Make the views of schema ``gis`` anew, and let a role read them."""

    help = "Create read-only views with geometry (schema gis: outlets, areas, circles, coverage); needs PostgreSQL with PostGIS"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the role that may read, or the wish to take the views away."""
        parser.add_argument("--role", default="", help="a role of the database that may read the views")
        parser.add_argument("--drop", action="store_true", help="take the views away, as before a migration")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it in one transaction: either all views are there or the old ones stay."""
        try:
            with transaction.atomic():
                check(connection)
                if options["drop"]:
                    drop(connection)
                    self.stdout.write("gis.*: —")
                    return
                for name in create(connection):
                    self.stdout.write(name)
                if options["role"]:
                    let_read(connection, options["role"])
                    self.stdout.write(f"SELECT → {options['role']}")
        except NoGis as no:
            raise CommandError(str(no)) from None
