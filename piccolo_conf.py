"""Piccolo's entry: the engine, and the one app that lists all tables (`server/piccolo_app.py`)."""

from piccolo.conf.apps import AppRegistry

from server.core.db import DB

__all__ = ["APP_REGISTRY", "DB"]

APP_REGISTRY = AppRegistry(apps=["server.piccolo_app"])
