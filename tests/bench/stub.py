"""What stands around a function under measurement: the Runtime API, and AWS behind TLS.

The Runtime API hands out events and is told when to hold the next one. The services answer everything
with nothing: no item, no object, an empty page. Both count, so that a measurement can end at a call.
"""

import http.server
import json
import ssl
import threading

# DynamoDB's answers where there is nothing, by operation.
NOTHING = {
    "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
    "BatchGetItem": {"Responses": {}, "UnprocessedKeys": {}},
}
LISTING = (
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult '
    'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix/>{}'
    "<MaxKeys>1</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>"
)
# The mail that waits, where one does.
WAITING = (
    "<Contents><Key>inbound/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1</Key>"
    "<LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>{}</Size></Contents>"
)
NO_OBJECT = b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code></Error>'


class Quiet(http.server.BaseHTTPRequestHandler):
    """A connection that stays open and writes no log."""

    protocol_version = "HTTP/1.1"
    # An answer leaves in one piece and at once.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_):
        pass

    def body(self):
        """What the caller sent."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, body=b"", kind="application/json", headers=()):
        """One whole answer."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class Stage:
    """Both servers, with what a measurement waits for."""

    def __init__(self, certificate, key):
        self.runtime = self.serve(self.runtime_handler())
        self.services = self.serve(self.services_handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.services.socket = context.wrap_socket(self.services.socket, server_side=True)
        self.reset()
        for server in (self.runtime, self.services):
            threading.Thread(target=server.serve_forever, daemon=True).start()

    @staticmethod
    def serve(handler):
        """A server on a free port."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        return server

    def reset(self, event=None, events=0, calls=None, mail=None):
        """Before a measurement: hand out `event` so many times, then hold; hold as well whatever is
        asked after so many `calls` of the services."""
        self.event, self.left, self.calls_left = event, events, calls
        self.mail = mail
        self.calls = []
        self.answers = []
        self.held = threading.Event()

    def hold(self):
        """The measurement ends here: whoever asked waits until he is stopped."""
        self.held.set()
        threading.Event().wait()

    def runtime_handler(self):
        """The Runtime API."""
        stage = self

        class Handler(Quiet):
            def do_GET(self):
                if stage.left == 0:
                    stage.hold()
                stage.left -= 1
                headers = [
                    ("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
                    ("Lambda-Runtime-Deadline-Ms", "4102444800000"),
                    ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:1:function:x"),
                    ("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0"),
                ]
                self.answer(200, stage.event, headers=headers)

            def do_POST(self):
                body = self.body()
                if stage.calls_left is not None and len(stage.calls) >= stage.calls_left:
                    stage.hold()
                stage.answers.append((self.path.rsplit("/", 1)[-1], body))
                self.answer(202)

        return Handler

    def services_handler(self):
        """The services."""
        stage = self

        class Handler(Quiet):
            def taken(self, name):
                if stage.calls_left is not None and len(stage.calls) >= stage.calls_left:
                    stage.hold()
                stage.calls.append(name)

            def do_POST(self):
                self.body()
                target = self.headers.get("X-Amz-Target", "POST")
                operation = target.rsplit(".", 1)[-1]
                self.taken(target)
                body = json.dumps(NOTHING.get(operation, {})).encode()
                self.answer(200, body, "application/x-amz-json-1.0")

            def do_GET(self):
                self.taken(f"GET {self.path.split('?')[0]}")
                if "list-type" in self.path:
                    waits = stage.mail is not None and "inbound" in self.path
                    listing = LISTING.format(WAITING.format(len(stage.mail)) if waits else "")
                    self.answer(200, listing.encode(), "application/xml")
                elif stage.mail is not None and "/inbound/" in self.path:
                    self.answer(200, stage.mail, "application/octet-stream")
                else:
                    self.answer(404, NO_OBJECT, "application/xml")

            def do_PUT(self):
                self.body()
                self.taken(f"PUT {self.path.split('?')[0]}")
                self.answer(200, b"", "application/xml")

            def do_DELETE(self):
                self.taken(f"DELETE {self.path.split('?')[0]}")
                self.answer(204)

        return Handler
