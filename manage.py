#!/usr/bin/env python
"""Django's own commands for the platform: migrate, check, verify_journal and the like."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yike.web.settings")
    execute_from_command_line(sys.argv)
