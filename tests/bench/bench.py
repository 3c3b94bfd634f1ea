"""Measures every function as it is built for deployment; tests/bench/run says what for."""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from stub import Stage

ROOT = Path(__file__).parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HERE = TARGET / "bench"
DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
TEMPLATE = ROOT / "infra" / "template.yaml"
# The function as one begins with, with everything at its default.
DEFAULTS = "defaults"
# The certificates of this machine, which the SDK reads by default.
SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
# Well formed, and nobody's.
TOKEN = "mll_" + "0" * 64

# Seconds until a measurement is given up: an emulated processor is some fifty times slower.
PATIENCE = 120
# Warm calls of which the mean is taken.
WARM_CALLS = 200
# The first call is counted so many times.
HANDSHAKES = 3
# After the process has asked for what is held, it goes to sleep.
SETTLE = 0.5
MIB = 1024 * 1024
# The largest mail that the service stores.
LARGEST_MAIL = 40 * MIB


class Fault(Exception):
    """What is wrong, and what to do."""


def run(*command, **options):
    """Runs a program; what it says is shown only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise Fault(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def certificates():
    """A root that only this bench trusts, and a certificate for localhost that leads to it."""
    root, leaf = HERE / "root.pem", HERE / "leaf.pem"
    if leaf.exists():
        return root, leaf, HERE / "leaf.key"
    HERE.mkdir(parents=True, exist_ok=True)
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650"]
    run(*new, "-keyout", HERE / "root.key", "-out", root, "-subj", "/CN=bench root")
    run(
        *new, "-keyout", HERE / "leaf.key", "-out", leaf, "-subj", "/CN=localhost",
        "-CA", root, "-CAkey", HERE / "root.key", "-addext", "subjectAltName=DNS:localhost",
        "-addext", "basicConstraints=critical,CA:FALSE",
    )  # fmt: skip
    return root, leaf, HERE / "leaf.key"


def build(function):
    """Builds a function as it is deployed, but that it trusts the bench's root as well."""
    cargo = ["cargo", "lambda", "build", "--release"]
    run(*cargo, "-p", function, "--features", "aws/bench-root", cwd=ROOT)
    return TARGET / "lambda" / function / "bootstrap"


def build_defaults(root):
    """Builds the function with everything at its default, in a workspace of its own, and a bundle of the
    machine's certificates that holds the bench's root as well."""
    home = HERE / DEFAULTS
    home.mkdir(parents=True, exist_ok=True)
    source = ROOT / "tests" / "bench" / DEFAULTS
    for name, copy in [("manifest.toml", "Cargo.toml"), ("main.rs", "main.rs")]:
        (home / copy).write_text((source / name).read_text())
    run("cargo", "build", "--release", cwd=home, env={**os.environ, "CARGO_TARGET_DIR": "target"})
    bundle = HERE / "bundle.pem"
    bundle.write_text(SYSTEM_ROOTS.read_text() + root.read_text())
    binary = home / "target" / "release" / DEFAULTS
    # Ours are stripped by their profile.
    run("strip", binary)
    return binary, bundle


class Bench:
    """One binary on a stage."""

    def __init__(self, name, binary, event, stage, root):
        self.name, self.binary, self.event, self.stage = name, binary, event, stage
        runtime = stage.runtime.server_address[1]
        services = stage.services.server_address[1]
        self.environment = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "AWS_LAMBDA_LOG_GROUP_NAME": "bench",
            "AWS_ENDPOINT_URL": f"https://localhost:{services}",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "BENCH_ROOT": str(root),
            "SSL_CERT_FILE": str(root),
            "TABLE": "bench",
            "BUCKET": "bench",
            "SECRETS_PREFIX": "bench",
            "MAIL_DOMAIN": "soporte.millora.example",
            "MAILBOX": "soporte",
            "BASE_URL": "https://api.soporte.millora.example",
            "ON_CALL": "guardia@millora.example",
            "DESK": "mesa@millora.example",
            "WRITE_SCHEMA": "1",
            "LOG_LEVEL": "info",
            "CONFIGURATION_SET": "bench",
            "SCHEDULE_GROUP": "bench",
            "SCHEDULE_ROLE_ARN": "arn:aws:iam::111122223333:role/x",
            "SCHEDULE_DLQ_ARN": "arn:aws:sqs:us-east-1:111122223333:x",
            "SLA_TIMER_ARN": "arn:aws:lambda:us-east-1:111122223333:function:x",
            "AUTO_CLOSE_ARN": "arn:aws:lambda:us-east-1:111122223333:function:y",
        }

    def until_held(self, command, **plan):
        """Runs the binary until the stage holds it, and gives what it was then."""
        self.stage.reset(self.event, **plan)
        process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            if not self.stage.held.wait(PATIENCE):
                raise Fault(f"{self.name} asked for nothing more; {self.stage.answers[-1:]}")
            time.sleep(SETTLE)
            status = Path(f"/proc/{process.pid}/status").read_text()
        finally:
            process.send_signal(signal.SIGTERM)
            told = process.communicate()[1].decode(errors="replace")
        return status, told

    def instructions(self, **plan):
        """Millions of instructions until the stage holds the binary."""
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", self.binary]
        told = self.until_held(command, **plan)[1]
        counted = re.search(r"Collected : (\d+)", told)
        if counted is None:
            raise Fault(f"valgrind counted nothing:\n{told}")
        return int(counted[1]) / 1e6

    def resident(self, **plan):
        """Megabytes: resident, and at the highest, after the event."""
        status = self.until_held([self.binary], events=1, **plan)[0]
        sizes = {line.split(":")[0]: line.split() for line in status.splitlines()}
        return [int(sizes[name][1]) / 1024 for name in ("VmRSS", "VmHWM")]

    def warm(self):
        """Milliseconds of processor time of a warm call, and how many calls of services it makes."""
        self.stage.reset(self.event, events=WARM_CALLS + 1)
        process = subprocess.Popen(
            [self.binary], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        spent = Path(f"/proc/{process.pid}/schedstat")
        try:
            while len(self.stage.answers) < 1:
                time.sleep(0.01)
            before, calls = int(spent.read_text().split()[0]), len(self.stage.calls)
            from_answer = len(self.stage.answers)
            if not self.stage.held.wait(PATIENCE):
                raise Fault(f"{self.name} stopped before {WARM_CALLS} calls")
            after = int(spent.read_text().split()[0])
        finally:
            process.kill()
            process.wait()
        counted = len(self.stage.answers) - from_answer
        made = (len(self.stage.calls) - calls) / counted
        return (after - before) / 1e6 / counted, made


def measure(bench, awaited=False, takes_mail=False):
    """All figures of a function. One that is awaited has made a call before its first event."""
    to_next = bench.instructions(events=0)
    # How the answer's bytes are cut on their way makes a difference; the least is what it has to take.
    calls = 2 if awaited else 1
    first_call = min(bench.instructions(events=1, calls=calls) for _ in range(HANDSHAKES))
    resident, highest = bench.resident()
    warm, calls = bench.warm()
    figures = {
        "size": bench.binary.stat().st_size / 1e6,
        "next": to_next,
        "first": first_call,
        "resident": resident,
        "highest": highest,
        "warm": warm,
        "calls": calls,
    }
    if takes_mail:
        line = b"linea de texto de un correo muy largo, una y otra vez\r\n"
        head = b"From: Ana <ana@ferretera.example>\r\nTo: soporte@soporte.millora.example\r\n\r\n"
        mail = (head + line * (LARGEST_MAIL // len(line)))[:LARGEST_MAIL]
        figures["highest"] = bench.resident(mail=mail)[1]
    return figures


def memory_size(function):
    """The megabytes that the template gives a function."""
    named = f'FunctionName: !Sub "${{AWS::StackName}}-{function}"'
    rest = TEMPLATE.read_text().split(named)[1]
    return int(re.search(r"MemorySize: (\d+)", rest)[1])


def passed(function, figures, lines):
    """The lines that a function passes, in words."""
    of = lines["functions"][function]
    main = (ROOT / "functions" / function / "src" / "main.rs").read_text()
    kind = "with-s3" if "S3Blobs" in main else "without-s3"
    size = lines[f"{kind}-and-http" if of.get("awaited") else kind]["size"]
    checks = [("size", figures["size"], size), ("resident", figures["resident"], lines["all"]["resident"])]
    if of.get("awaited"):
        own = lines["awaited"]
        checks.append(("through the first call", figures["first"], own["first-call"]))
        checks.append(("after /next", figures["first"] - figures["next"], own["after-next"]))
    else:
        own = lines["others"]
        checks.append(("to /next", figures["next"], own["next"]))
        checks.append(("through the first call", figures["first"], own["first-call"]))
    if figures["calls"] <= 1:
        checks.append(("warm", figures["warm"], lines["all"]["warm-ms"]))
    most = memory_size(function) / lines["all"]["memory-headroom"]
    checks.append(("memory at the highest", figures["highest"], most))
    told = [f"{function}: {what} is {is_:.2f}, the line {most}" for what, is_, most in checks if is_ > most]
    return told


def table(measured):
    """The figures as a table of the document."""
    rows = [
        "| function | size, MB | to `/next`, M instr. | through the first call | resident, MB "
        "| highest, MB | memory size, MB | warm call, ms of CPU | calls in it |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, it in measured.items():
        size = "" if name == DEFAULTS else memory_size(name)
        rows.append(
            f"| {name} | {it['size']:.2f} | {it['next']:.2f} | {it['first']:.2f} "
            f"| {it['resident']:.1f} | {it['highest']:.0f} | {size} | {it['warm']:.2f} | {it['calls']:.0f} |"
        )
    return "\n".join(rows)


def main():
    """Reads the command line."""
    lines = tomllib.loads((Path(__file__).parent / "lines.toml").read_text())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION")
    told = parser.parse_args()
    unknown = set(told.functions) - set(lines["functions"])
    if unknown:
        parser.error(f"no such function: {', '.join(sorted(unknown))}")
    root, leaf, key = certificates()
    stage = Stage(leaf, key)
    measured, faults = {}, []

    def note(name, figures):
        measured[name] = figures
        print(name, {what: round(it, 3) for what, it in figures.items()}, flush=True)

    for function in told.functions or lines["functions"]:
        of = lines["functions"][function]
        event = of["event"].encode() if of["event"].startswith("{") else (ROOT / of["event"]).read_bytes()
        event = event.replace(b"Bearer TOKEN", f"Bearer {TOKEN}".encode())
        bench = Bench(function, build(function), event, stage, root)
        takes_mail = of.get("takes-mail", False)
        note(function, measure(bench, of.get("awaited", False), takes_mail))
        faults += passed(function, measured[function], lines)
    if not told.functions:
        binary, bundle = build_defaults(root)
        note(DEFAULTS, measure(Bench(DEFAULTS, binary, b"{}", stage, bundle)))
    text = table(measured)
    print(text)
    if not told.functions:
        head, rest = DOCUMENT.read_text().split(BEGIN)
        tail = rest.split(END)[1]
        DOCUMENT.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}")
    if faults:
        raise Fault("\n".join(["a line is passed:", *faults]))


if __name__ == "__main__":
    try:
        main()
    except Fault as fault:
        sys.exit(f"tests/bench: {fault}")
