"""Languages of the pages: German is the source, English is translated; amounts and days in words.

Every page exists under two addresses, `/…` in German and `/en/…` in English, so that a search
engine and a shared link see the same language as the person. The prefix is taken off before
routing (`LanguagePrefix`), which makes `url_for` keep it.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask, has_request_context, request
from flask_babel import Babel

from app.i18n import formats
from app.i18n.compiling import compile_all

LANGUAGES = {"de": "Deutsch", "en": "English"}
SOURCE_LANGUAGE = "de"
TIMEZONE = "Europe/Berlin"
_ENVIRON_KEY = "kontor.language"

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class LanguagePrefix:
    """WSGI middleware: `/en/basket` is routed as `/basket`, and the language is remembered."""

    def __init__(self, wsgi_app: WsgiApp) -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        for language in LANGUAGES:
            prefix = f"/{language}"
            if language != SOURCE_LANGUAGE and (path == prefix or path.startswith(prefix + "/")):
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
                environ["PATH_INFO"] = path[len(prefix) :] or "/"
                environ[_ENVIRON_KEY] = language
                break
        return self.wsgi_app(environ, start_response)


def current_language() -> str:
    """Return the language of the request, German outside of one."""
    if not has_request_context():
        return SOURCE_LANGUAGE
    return str(request.environ.get(_ENVIRON_KEY, SOURCE_LANGUAGE))


def address_in(language: str) -> str:
    """Return the path of the current page, query included, in another language."""
    root = request.script_root.removesuffix(f"/{current_language()}")
    prefix = "" if language == SOURCE_LANGUAGE else f"/{language}"
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    return f"{root}{prefix}{request.path}{query}"


def init_app(app: Flask) -> None:
    """Wire languages, filters and the address prefix into the application."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", SOURCE_LANGUAGE)
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", TIMEZONE)
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(Path(__file__).parent))
    compile_all(Path(__file__).parent)
    Babel(app, locale_selector=current_language)
    app.jinja_env.filters.update(formats.FILTERS)
    app.jinja_env.globals["lang_of_page"] = current_language
    app.context_processor(lambda: {"lang": current_language()})
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]
