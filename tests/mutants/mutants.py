"""Changes the rules' code in every place that cargo-mutants names, and says which changes no test notices.

cargo-mutants compiles the code once for each change, which takes a day and more. Here the changed bodies
of a function stand beside its own in one build, and `MUTATION` in the environment chooses among them. What
cannot stand beside (a `const fn` that constants call, a body whose type has no name) is compiled by itself.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/mutants"
SOURCES = "shared/domain/src"
PASSED = ROOT / "target/mutants/passed.json"
CHOICE = """
/// Which mutation is lived; 0 is none.
#[doc(hidden)]
pub fn mutation() -> u32 {
    static CHOSEN: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {
        std::env::var("MUTATION").ok().and_then(|it| it.parse().ok()).unwrap_or(0)
    });
    *CHOSEN
}
"""
# A program that takes so many times as long as with nothing changed will never end: it notices.
PATIENCE = 10
# No program takes so many seconds.
LONGEST = 60
# Cases of a random test in the first round; what passes them has all of them to pass.
FEW = "16"


class Mutation:
    """One change: where, and what stands there instead."""

    def __init__(self, number, found, texts):
        self.number = number
        self.file = found["file"]
        text = texts[self.file]
        self.start, self.end = (offset(text, found["span"][side]) for side in ("start", "end"))
        self.replacement = found["replacement"]
        where, self.what = re.fullmatch(r"(?:.*?):(\d+:\d+): (.*)", found["name"]).groups()
        self.line = text.splitlines()[int(where.split(":")[0]) - 1].strip()
        self.function = found["function"] and body(text, found["function"])

    def key(self):
        """What it is called in survivors.toml, wherever its line has moved to."""
        return (self.file.removeprefix(SOURCES + "/"), self.what, self.line)

    def changed(self, text, start, end):
        """The text from `start` to `end` with the change in it."""
        return f"{text[start:self.start]}{self.replacement or ' '}{text[self.end:end]}"


def offset(text, place):
    """The index in a text of a line and column that count from 1."""
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: place["line"] - 1]) + place["column"] - 1


def body(text, function):
    """Where the body of a function starts and ends, braces included; none where no two can stand there."""
    start, end = (offset(text, function["span"][side]) for side in ("start", "end"))
    name = function["function_name"].split("::")[-1]
    head = re.search(rf"^ *(?:[a-z()]+ )*fn {name}\b", text[start:end], re.MULTILINE)
    if head is None or re.search(r"\bimpl\b", function["return_type"]):
        return None
    return start + head.end() + text[start + head.end() : end].index("{"), end


def woven(text, mutations, line_of):
    """A file in which the changed bodies stand beside each function's own."""
    functions = collections.defaultdict(list)
    for mutation in mutations:
        functions[mutation.function].append(mutation)
    pieces, done = [], 0

    def put(piece):
        pieces.append(piece)
        line_of.here += piece.count("\n")

    for (start, end), of in sorted(functions.items()):
        put(text[done:start] + "{ match crate::mutation() {\n")
        for mutation in of:
            first = line_of.here
            put(f"{mutation.number} => {mutation.changed(text, start, end)}\n")
            line_of.ranges.append((range(first, line_of.here), mutation))
        put(f"_ => {text[start:end]}\n}} }}")
        done = end
    put(text[done:])
    return "".join(pieces)


class Lines:
    """Which mutation a line of a woven file belongs to."""

    def __init__(self):
        self.here, self.ranges = 1, []

    def at(self, line):
        return next((it for lines, it in self.ranges if line in lines), None)


class Tree:
    """A copy of the project in which the rules' code is changed."""

    def __init__(self, folder, texts):
        self.folder, self.texts = folder, texts
        self.constants = set()

    def copy(self):
        """Takes over the project as it lies there, what is not committed included."""
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        files = subprocess.check_output(listed, cwd=ROOT, text=True)
        shutil.rmtree(self.folder / "shared/domain", ignore_errors=True)
        for file in files.strip("\0").split("\0"):
            if (ROOT / file).is_file():
                write(self.folder / file, (ROOT / file).read_bytes())

    def weave(self, mutations):
        """Writes every file; where each line belongs, by file."""
        by_file = collections.defaultdict(list)
        for mutation in mutations:
            by_file[mutation.file].append(mutation)
        found = {}
        for file, text in self.texts.items():
            found[file] = Lines()
            changed = woven(text, by_file[file], found[file])
            changed = re.sub(r"\bconst ((?:async )?fn (\w+))", self.constant, changed)
            if file.endswith("/lib.rs"):
                changed += CHOICE
            write(self.folder / file, changed.encode())
        return found

    def constant(self, found):
        """Chosen at run is no constant; what constants call stays one."""
        return found[0] if found[2] in self.constants else found[1]

    def change(self, mutation):
        """Writes the code with this change alone."""
        for file, text in self.texts.items():
            changed = mutation.changed(text, 0, len(text)) if file == mutation.file else text
            write(self.folder / file, changed.encode())

    def compile(self):
        """The test programs, or the errors."""
        command = ["cargo", "test", "-p", "domain", "--no-run", "--message-format", "json"]
        # Compiled a few times and run thousands of times.
        command += ["--config", "profile.dev.package.domain.opt-level=1"]
        # What is odd about changed code is no error.
        environment = {**os.environ, "RUSTFLAGS": "--cap-lints allow"}
        environment["CARGO_TARGET_DIR"] = str(self.folder / "target")
        environment["CARGO_PROFILE_DEV_DEBUG"] = "0"
        done = subprocess.run(
            command, cwd=self.folder, env=environment, text=True, capture_output=True, check=False
        )
        said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        messages = [it["message"] for it in said if it["reason"] == "compiler-message"]
        errors = [it for it in messages if it["level"] == "error"]
        if done.returncode and not errors:
            sys.exit(done.stderr)
        programs = [it["executable"] for it in said if it.get("profile", {}).get("test")]
        return [Program(it, self.folder / "shared/domain") for it in programs if it], errors

    def compile_woven(self, mutations):
        """The test programs with all of these in them, and those that had to stay out."""
        unviable, alone = [], []
        while True:
            lines = self.weave(mutations)
            programs, errors = self.compile()
            if not errors:
                return programs, mutations, unviable, alone
            wrong = {}
            for error in errors:
                mutation = blamed(error, lines)
                if mutation is not None:
                    wrong[mutation.number] = mutation
                elif not self.keep_constant(error):
                    sys.exit(error["rendered"])
            print(f"{len(mutations)} mutations: {len(wrong)} do not compile", flush=True)
            unviable += wrong.values()
            mutations = [it for it in mutations if it.number not in wrong]
            kept = [it for it in mutations if self.is_constant(it)]
            alone += kept
            mutations = [it for it in mutations if it not in kept]

    def keep_constant(self, error):
        """A constant calls a function that is none any more: it becomes one again."""
        what = r"non-const (?:associated )?(?:function|method) `(?:[\w:<> ]*::)?(\w+)`"
        named = re.findall(what, error["message"])
        self.constants.update(named)
        return bool(named)

    def is_constant(self, mutation):
        text = self.texts[mutation.file]
        head = text[: mutation.function[0]].rpartition("fn ")
        return head[0].endswith("const ") and re.match(r"\w+", head[2])[0] in self.constants


def blamed(error, lines):
    """The mutation in whose lines an error lies."""
    primary_first = sorted(error["spans"], key=lambda it: not it["is_primary"])
    for span in primary_first:
        found = lines.get(span["file_name"])
        mutation = found and found.at(span["line_start"])
        if mutation:
            return mutation
    return None


def write(path, content):
    """Writes what differs, so that only that is compiled again."""
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


class Program:
    """A test program."""

    def __init__(self, path, package):
        self.path, self.package = path, package
        self.takes = LONGEST

    def passes(self, number, few=False):
        """Whether it passes with a mutation in it; the first test that fails is enough."""
        environment = {
            **os.environ,
            "MUTATION": str(number),
            "RUST_TEST_THREADS": "1",
            "RUST_BACKTRACE": "0",
            "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "true",
            "PROPTEST_MAX_SHRINK_ITERS": "0",
            **({"PROPTEST_CASES": FEW} if few else {}),
        }
        # Of the processor's time, whatever else the machine does meanwhile.
        limit = int(PATIENCE * self.takes) + 1
        with subprocess.Popen(
            [self.path], cwd=self.package, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)),
        ) as test:
            if any(line.rstrip().endswith("FAILED") for line in test.stdout):
                test.kill()
                return False
            return test.wait() == 0


def ordered(programs):
    """The programs, fastest first; each has to pass as things are."""
    for program in programs:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        if not program.passes(0):
            sys.exit(f"{program.path} fails with nothing changed")
        program.takes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return sorted(programs, key=lambda it: it.takes)


def survivors(programs, mutations, jobs, few=False):
    """The mutations that every test program lets pass."""
    noticed_by = {}

    def survives(mutation):
        # What noticed one of a file most likely notices the next.
        likely = noticed_by.get(mutation.file)
        for program in sorted(programs, key=lambda it: it is not likely):
            if not program.passes(mutation.number, few):
                noticed_by[mutation.file] = program
                return False
        return True

    lived = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for place, (mutation, alive) in enumerate(zip(mutations, pool.map(survives, mutations)), 1):
            if alive:
                lived.append(mutation)
            if place % 100 == 0:
                print(f"{place} of {len(mutations)} tried, {len(lived)} not noticed", flush=True)
    return lived


def named(asked):
    """Every mutation that cargo-mutants names, of the files that are asked for."""
    files = [word for file in asked.file for word in ("-f", file)]
    command = ["cargo", "mutants", "-p", "domain", "-E", "::spanish", "--list", "--json", *files]
    found = json.loads(subprocess.check_output(command, cwd=ROOT))
    sources = sorted((ROOT / SOURCES).rglob("*.rs"))
    texts = {str(it.relative_to(ROOT)): it.read_text() for it in sources}
    mutations = [Mutation(number, it, texts) for number, it in enumerate(found, 1)]
    bodies = {(it.file, *it.function) for it in mutations if it.function}
    for mutation in mutations:
        # A function within a function is in each of the bodies that stand beside the outer one's.
        if mutation.function and any(within(mutation, *outer) for outer in bodies):
            mutation.function = None
    return texts, mutations


def within(mutation, file, start, end):
    inner_start, inner_end = mutation.function
    return file == mutation.file and start < inner_start and inner_end <= end


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", action="append", default=[], help="its path, or a name")
    parser.add_argument("--again", action="store_true", help="only what no test noticed the last time")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    texts, mutations = named(asked)
    if asked.again:
        before = json.loads(PASSED.read_text())
        mutations = [it for it in mutations if list(it.key()) in before]
    if not mutations:
        sys.exit("there is nothing to change in such a file of the rules")
    tree = Tree(ROOT / "target/mutants", texts)
    tree.copy()

    beside = [it for it in mutations if it.function]
    programs, beside, unviable, alone = tree.compile_woven(beside)
    programs = ordered(programs)
    lived = survivors(programs, beside, asked.jobs, few=True)
    lived = survivors(programs, lived, asked.jobs)
    for mutation in alone + [it for it in mutations if not it.function]:
        tree.change(mutation)
        programs, errors = tree.compile()
        if errors:
            unviable.append(mutation)
        else:
            lived += survivors(programs, [mutation], 1)
    if not asked.again:
        # What is tried again stays the same while tests are written, and so does its build.
        PASSED.write_text(json.dumps([it.key() for it in lived]))
    sys.exit(compared(mutations, unviable, lived))


def compared(mutations, unviable, lived):
    """Whether exactly those passed that survivors.toml explains."""
    files = {it.key()[0] for it in mutations}
    explained = tomllib.loads((HERE / "survivors.toml").read_text())["survivor"]
    explained = [(it["file"], it["what"], it["line"]) for it in explained if it["file"] in files]
    explained, found = collections.Counter(explained), collections.Counter(it.key() for it in lived)
    tried = len(mutations) - len(unviable)
    print(f"{len(mutations)} mutations, {len(unviable)} do not compile, "
          f"{tried - len(lived)} noticed, {len(lived)} not, {explained.total()} explained")
    for file, what, line in found - explained:
        print(f"no test notices, and nothing explains: {file}: {what}\n    {line}")
    for file, what, line in explained - found:
        print(f"explained, and noticed or gone: {file}: {what}\n    {line}")
    return int(found != explained)


if __name__ == "__main__":
    main()
