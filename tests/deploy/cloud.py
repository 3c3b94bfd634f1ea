"""The emulator, and the stack on it as an operator and as strangers see them."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
LOGS = TARGET / "deploy"
STACK = "millora-test"
REGION = "us-east-1"


class Unproven(Exception):
    """What did not come to be."""


def until(what, look, seconds=180):
    """Looks every half second until something is there; nothing until then is no proof."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise Unproven(f"{what}: not within {seconds} s")
        time.sleep(0.5)


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Cloud:
    """The emulator with the stack."""

    def __init__(self):
        LOGS.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # An operator with every right; the functions get those of their roles.
        access = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        place = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": self.url}
        self.env = {**os.environ, **access, **place}
        os.environ.update(access | place)
        self.process = None

    def __enter__(self):
        settings = {
            "AUTH": "true",
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "false",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "1",
            "LAMBDA_ASYNC_RETRY_MAX_SECONDS": "1",
            "STATE_DIR": str(LOGS / "state"),
        }
        log = (LOGS / "emulator.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, HERE / "emulator.py"], env=self.env | settings, stdout=log, stderr=log, start_new_session=True
        )
        until("the emulator answers", self.answers)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=20)

    def answers(self):
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=30) as answer:
                return answer.status == 200

    def client(self, service):
        patience = Config(connect_timeout=30, read_timeout=30, retries={"max_attempts": 2})
        return boto3.client(service, region_name=REGION, endpoint_url=self.url, config=patience)

    def deploy(self):
        """`sam deploy` of what `sam build` made, for the stage `test`."""
        log = LOGS / "deploy.log"
        with log.open("w") as out:
            done = subprocess.run(
                ["sam", "deploy", "--config-env", "test"],
                cwd=ROOT, env=self.env, stdout=out, stderr=out, check=False,
            )
        if done.returncode != 0:
            raise Unproven(f"sam deploy failed: {log}")
        told = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in told["Outputs"]}
        self.table = self.outputs["TableName"]
        self.bucket = self.outputs["BucketName"]
        self.api = re.match(r"https?://([a-z0-9]+)\.", self.outputs["ApiEndpoint"])[1]
        self.tokens = {}

    # -------------------------------------------------------------- strangers

    def http(self, who, method, path, body=None, key=None):
        """A request to the HTTP API; status and answer."""
        headers = {"Host": f"{self.api}.execute-api.localhost", "Content-Type": "application/json"}
        if who:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        if key:
            headers["Idempotency-Key"] = key
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def done(self, who, method, path, body=None, key=None):
        """A request that has to succeed; its answer."""
        status, told = self.http(who, method, path, body, key)
        if status >= 300:
            raise Unproven(f"{method} {path}: {status} {told}")
        return told

    def mails(self, to=None, subject=""):
        """The mails that went out, by recipient and words of the subject."""
        with urllib.request.urlopen(f"{self.url}/_ministack/ses/messages", timeout=30) as answer:
            sent = json.loads(answer.read())
        sent = [mail for mails in _lists(sent) for mail in mails]
        return [
            mail
            for mail in sent
            if (to is None or to in mail["To"]) and subject in mail["Subject"]
        ]

    # -------------------------------------------------------------- operators

    def put_mail(self, name, raw):
        """A mail where the mail service would put it."""
        self.client("s3").put_object(Bucket=self.bucket, Key=f"inbound/{name}", Body=raw)

    def objects(self, prefix):
        listed = self.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [one["Key"] for one in listed.get("Contents", [])]

    def tell(self, function, event):
        """Calls a function and does not wait, as the mail service and the scheduler do."""
        self.client("lambda").invoke(
            FunctionName=f"{STACK}-{function}",
            InvocationType="Event",
            Payload=json.dumps(event),
        )

    def items(self, pk, prefix):
        """Items of a partition."""
        found = self.client("dynamodb").query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": pk}, ":sk": {"S": prefix}},
        )
        return found["Items"]

    def logged(self, function, words):
        """Lines of a function's log that hold the words."""
        logs = self.client("logs")
        found = logs.filter_log_events(logGroupName=f"/aws/lambda/{STACK}-{function}")
        return [event["message"] for event in found["events"] if words in event["message"]]

    def waiting(self, queue):
        """What lies in a failure queue, by the queue's logical id."""
        told = self.client("cloudformation").describe_stack_resource(
            StackName=STACK, LogicalResourceId=queue
        )
        url = told["StackResourceDetail"]["PhysicalResourceId"]
        read = self.client("sqs").receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [message["Body"] for message in read.get("Messages", [])]


def _lists(value):
    """Every list of mails in the emulator's answer, whatever it groups them by."""
    if isinstance(value, list):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _lists(inner)
