"""Flask-WebSub's hub as its documentation runs it: Celery workers behind Redis.

``python -m celery -A bench.other_hub worker`` is what the bench starts. Needs celery[redis].
"""

from __future__ import annotations

import os

from celery import Celery
from flask_websub.hub import Hub, SQLite3HubStorage

app = Celery("bench", broker=os.environ["BENCH_BROKER"])
app.conf.task_ignore_result = True
hub = Hub(SQLite3HubStorage(os.environ["BENCH_STORAGE"]), app, SIGNATURE_ALGORITHM="sha256")
