"""The application factory: settings in, a wired Flask application out."""

import importlib
import logging
from collections.abc import Callable
from types import ModuleType
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache

import config as settings
from app import i18n, subscribers
from app.carriers import chosen
from app.cli import clock as clock_commands
from app.cli import crosssell as crosssell_commands
from app.cli import database as database_commands
from app.cli import mail as mail_commands
from app.cli import maintenance as maintenance_commands
from app.cli import operate as operate_commands
from app.cli import replay as replay_commands
from app.cli import routing as routing_commands
from app.cli import staff as staff_commands
from app.cli import stock as stock_commands
from app.cli import work as work_commands
from app.jobs import relay
from app.payments import stripe_gateway
from app.web import (
    api,
    compression,
    errors,
    kept_pages,
    maintenance,
    session,
    stylesheets,
    surroundings,
)
from app.web.backoffice import blueprint as backoffice
from app.web.community import blueprint as community
from app.web.floor import blueprint as floor
from app.web.pos import blueprint as pos
from app.web.storefront import blueprint as storefront
from app.web.webhooks import blueprint as webhooks
from config import Config
from kit import database

_COMMANDS = (
    clock_commands,
    crosssell_commands,
    database_commands,
    mail_commands,
    maintenance_commands,
    operate_commands,
    replay_commands,
    routing_commands,
    staff_commands,
    stock_commands,
    work_commands,
)


class Shop(Flask):
    """Flask, without asking for every function of every request whether it is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: this shop has no coroutines."""
        return func


def create_app(config: Config | None = None) -> Flask:
    """Return the wired application.

    Args:
        config: settings; read from the environment where none are given.

    Raises:
        RuntimeError: a required setting is missing.
    """
    config = config or settings.from_environment()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    app = Shop(__name__, static_folder=str(settings.ROOT / "static"))
    app.config.update(
        KONTOR=config,
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="kontor",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    _keep_compiled_templates(app, config)
    database.configure(config.database_url)
    stripe_gateway.configure(config)
    chosen.configure(config)
    _wire_queue(app, config)
    i18n.init_app(app)
    maintenance.init(app)
    kept_pages.init(app)
    session.init(app)
    surroundings.init(app)
    errors.init(app)
    stylesheets.init(app)
    compression.init(app)
    kept_pages.watch(app)
    _add_rooms(app)
    _add_commands(app, config)
    return app


def _keep_compiled_templates(app: Flask, config: Config) -> None:
    """Let the processes of a shop share what they compile: half of the first page's time."""
    folder = config.data / "templates"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(folder))}


def _add_commands(app: Flask, config: Config) -> None:
    modules: list[ModuleType] = [*_COMMANDS]
    if config.demo:
        # The demo knows the product; the product knows of the demo only that it may be there.
        modules.append(importlib.import_module("demo.commands"))
    for module in modules:
        for command in module.commands:
            app.cli.add_command(command)


def _wire_queue(app: Flask, config: Config) -> None:
    app.config["RATELIMIT_STORAGE_OPTIONS"] = relay.IMPATIENT
    shops_relay = relay.Relay(relay.connect(config.redis_url))
    shops_relay.start()
    subscribers.register()
    app.extensions["kontor_relay"] = shops_relay


def _add_rooms(app: Flask) -> None:
    app.register_blueprint(storefront)
    app.register_blueprint(community)
    app.register_blueprint(webhooks, url_prefix="/webhooks")
    app.register_blueprint(pos, url_prefix="/till")
    app.register_blueprint(floor, url_prefix="/floor")
    app.register_blueprint(backoffice, url_prefix="/office")
    api.init(app)
