"""Settings of the platform under test: a home of its own that goes with the run; the database of YIKE_DATABASE, if given."""

import atexit
import os
import shutil
import tempfile

os.environ["YIKE_HOME"] = tempfile.mkdtemp(prefix="yike-test-")  # each process its own, whatever the caller's home is
atexit.register(shutil.rmtree, os.environ["YIKE_HOME"], ignore_errors=True)

from yike.web.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # only so that a test does not wait for Argon2
