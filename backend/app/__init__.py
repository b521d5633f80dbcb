"""Drydock's measurements over HTTP: the application factory."""

import os
from collections.abc import Mapping

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from app import headers, health, problems, settings, v1


class Json(DefaultJSONProvider):
    """Values as they lie in memory, their fields in their order; Flask's own way copies each of them first."""

    sort_keys = False
    default = staticmethod(vars)


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """Build the application for an environment, the process's own where none is given.

    A variable that makes no sense raises click.UsageError, which `flask run` prints as one line.
    """
    app = Flask(__name__, static_folder=None)
    app.json = Json(app)
    app.extensions[settings.KEY] = settings.read(os.environ if environ is None else environ)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(v1.blueprint)
    problems.register(app)
    headers.register(app)
    return app
