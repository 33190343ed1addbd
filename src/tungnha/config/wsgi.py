"""The web application, as a WSGI server starts it."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tungnha.config.settings")
application = get_wsgi_application()

# What is loaded now stays: without this, each full collection, of which there are several a second under load, goes
# through all of it.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
# Whoever writes the ledger gives way at each statement. With Python's 5 ms it would wait as long for each thread that
# computes, and all who stand behind it as well.
sys.setswitchinterval(0.0005)
