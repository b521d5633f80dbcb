"""Drydock's measurements over HTTP: the application factory."""

import os
from collections.abc import Mapping

from flask import Flask

from app import headers, health, problems, settings, v1


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """Build the application for an environment, the process's own where none is given.

    A variable that makes no sense raises click.UsageError, which `flask run` prints as one line.
    """
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # an attribute of the default provider only
    app.extensions[settings.KEY] = settings.read(os.environ if environ is None else environ)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(v1.blueprint)
    problems.register(app)
    headers.register(app)
    return app
