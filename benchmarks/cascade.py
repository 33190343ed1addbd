"""How long dividing a target takes, over how many units: the arithmetic, the proposal, and the decision stored.

Up to the 3,321 communes of the country, in a throwaway SQLite database. Usage: python benchmarks/cascade.py
"""

import os
import statistics
import tempfile
import time
from datetime import date

os.environ["TUNGNHA_DATA"] = tempfile.mkdtemp(prefix="tungnha-cascade-")
os.environ.setdefault("TUNGNHA_MASTER_KEY", "00" * 32)
os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.settings"

import django

django.setup()

from django.core.management import call_command
from scratch import *  # noqa
