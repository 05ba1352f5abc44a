"""Doubles of carriers' interfaces: servers on a free port that answer as one is told they do.

What they say was written from the public descriptions, like the adapters: both may be wrong in the
same way. Only the carriers' own test systems can tell.
"""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PDF = b"%PDF-1.4 a label of the double, not of a carrier\n%%EOF"


class Double:
    """A server on a free port. `answer` is (status, body) of every call; `asked` is what came."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: tuple[int, Any] | None = None
        self.silent = threading.Event()
        self.wakes = threading.Event()
        double = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                path, _mark, query = self.path.partition("?")
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = {"method": self.command, "path": path, "query": query, "body": body}
                double.asked.append({**asked, "headers": headers})
                if double.silent.is_set():
                    double.wakes.wait(10)
                status, told = double.answer or double.usual(asked)
                text = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_GET = do_DELETE = do_PUT = _serve  # noqa: N815 - the library calls them so

            def log_message(self, *_args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        # Who gave up waiting has gone: that is what some tests are about.
        self._server.handle_error = lambda *_who: None  # type: ignore[method-assign]
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def usual(self, asked: dict[str, Any]) -> tuple[int, Any]:
        """Answer as the description says of a good day."""
        raise NotImplementedError(asked)

    def stop(self) -> None:
        """End the server."""
        self.wakes.set()
        self._server.shutdown()
        self._server.server_close()


class DhlDouble(Double):
    """Answers as developer.dhl.com describes, and is not DHL."""

    @property
    def shipping(self) -> str:
        """Where labels are ordered."""
        return f"{self.base}/v2"

    @property
    def tracking(self) -> str:
        """Where parcels are asked for."""
        return f"{self.base}/track"

    def usual(self, asked: dict[str, Any]) -> tuple[int, Any]:
        """Answer as the description says of a good day."""
        if asked["path"] == "/track":
            return 200, {"shipments": [{"events": []}]}
        if asked["method"] == "POST" and asked["path"] == "/v2/orders":
            number = f"003404{len(self.asked):014d}"
            label = {"b64": base64.b64encode(PDF).decode(), "fileFormat": "PDF"}
            item = {"shipmentNo": number, "sstatus": {"title": "OK", "statusCode": 200}}
            return 200, {
                "status": {"title": "OK", "status": 200},
                "items": [{**item, "label": label}],
            }
        return 200, {"status": {"title": "OK", "status": 200}, "items": []}


class GlsDouble(Double):
    """Answers as the SDK that GLS Germany has published recorded it, and is not GLS."""

    def usual(self, asked: dict[str, Any]) -> tuple[int, Any]:
        """Answer as the recordings say of a good day."""
        if asked["method"] == "PUT":
            number = asked["path"].rpartition("/")[2]
            done = {"parcelId": number, "deliveryState": "PREADVICE", "code": "E000"}
            return 200, {"status": [{**done, "info": "Cancelled successfully."}]}
        track = f"YY{len(self.asked):06d}"
        parcel = {"parcelNumber": f"{len(self.asked):011d}", "trackId": track}
        return 201, {
            "labels": [base64.b64encode(PDF).decode()],
            "parcels": [{**parcel, "location": f"{self.base}/track/{track}"}],
            "returns": [],
            "consignmentId": parcel["parcelNumber"],
        }
