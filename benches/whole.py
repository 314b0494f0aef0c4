#!/usr/bin/env python3
"""Whole processes against their peers: seconds, ratio to the wire, peak memory.

Every way runs once a round, all ways of a round one after another, so that whatever else the machine
does falls on all of them alike; medians over the rounds are printed. The wire limit is the binary COPY
(or the bare driver) of the same columns read to nowhere. Servers are started on free ports in a folder
of their own and stopped at the end.
"""

import argparse
import json
import os
import platform
import pwd
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TONGBAO = Path(os.environ.get("TONGBAO", ROOT / "target/release/tongbao"))
PEERS = ["adbc-driver-manager==1.13.0", "adbc-driver-postgresql==1.13.0", "connectorx==0.4.6", "polars==2.1.0", "pyarrow==26.0.1"]
COLUMNS = ("village_code, name, sex, residence_address, household_place, id_number, birth_date, ethnicity, "
           "marital_status, hukou_type, document_type, registered_at")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, **options)


def as_user(user):
    """Database servers refuse root."""
    return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if os.getuid() == 0 else []


class Servers:
    """A PostgreSQL and a MariaDB of our own; data that is there already is used again."""

    def __init__(self, work):
        self.work, self.running = work, []

    def start(self, name, command, ready):
        log = open(self.work / f"{name}.log", "wb")
        self.running.append(subprocess.Popen([str(c) for c in command], stdout=log, stderr=log, cwd="/"))
        for _ in range(600):
            if subprocess.run(ready, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.1)
        sys.exit(f"{name} does not come up; see {self.work}/{name}.log")

    def folder(self, name, user):
        path = self.work / name
        path.mkdir(exist_ok=True)
        if os.getuid() == 0:
            os.chown(path, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        return path

    def postgres(self):
        bins = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))[-1]
        data, port = self.folder("postgres", "postgres") / "data", free_port()
        if not data.exists():
            run(*as_user("postgres"), bins / "initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8",
                "--locale=C.UTF-8", "--no-sync", "-D", data, stdout=subprocess.DEVNULL, cwd="/")
        settings = ["listen_addresses=127.0.0.1", f"unix_socket_directories={data.parent}", "fsync=off",
                    "shared_buffers=1GB", "max_wal_size=8GB"]
        options = [part for setting in settings for part in ("-c", setting)]
        url = f"postgres://postgres@127.0.0.1:{port}"
        self.start("postgres", [*as_user("postgres"), bins / "postgres", "-D", data, "-p", port, *options],
                   ["psql", "-qc", "SELECT 1", f"{url}/postgres"])
        return url

    def mariadb(self):
        data, port = self.folder("mariadb", "mysql") / "data", free_port()
        if not data.exists():
            run(*as_user("mysql"), "mariadb-install-db", "--no-defaults", f"--datadir={data}",
                "--auth-root-authentication-method=normal", "--skip-test-db", stdout=subprocess.DEVNULL)
        client = ["mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", str(port), "-u", "root"]
        self.start("mariadb", [*as_user("mysql"), "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}",
                               "--bind-address=127.0.0.1", f"--port={port}",
                               f"--socket={data.parent}/socket", f"--pid-file={data.parent}/pid",
                               # Another server that starts deletes what it takes for leftovers in a common one.
                               f"--tmpdir={data.parent}",
                               "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=1G"],
                   [*client, "-e", "SELECT 1"])
        run(*client, "-e", "CREATE USER IF NOT EXISTS bench@'%' IDENTIFIED BY 'bench';"
                           "GRANT ALL ON *.* TO bench@'%'")
        self.client = client
        return f"mysql://bench:bench@127.0.0.1:{port}", port

    def stop(self):
        for server in self.running:
            server.send_signal(signal.SIGTERM)
        for server in self.running:
            server.wait()


def measure(command):
    """Seconds and peak memory (MB) of one process."""
    if isinstance(command, Changed):
        command.prepare()
        command = command.command
    began = time.monotonic()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status != 0:
        sys.exit(f"{' '.join(str(c) for c in command)[:200]} failed:\n{error.decode()}")
    return seconds, usage.ru_maxrss / 1000


def configuration(work, name, url, roster=False, source=""):
    """The demo's configuration on another database; without roster, coverage goes by a baseline."""
    text = (ROOT / "config/tongbao.toml").read_text()
    text = text.replace('url = "sqlite:../demo/register.db"', f'url = "{url}"\ntimeout = "2h"\n{source}')
    text = text.replace('dir = "../state"', f'dir = "{work}/state-{name}"')
    if not roster:
        text = text.replace('[source.roster]\ntable = "roster"\n',
                            '[source.baseline]\n"440118001201" = 1280\n\n'
                            '[indicators.coverage]\nmethod = "baseline"\n')
    path = work / f"{name}.toml"
    path.write_text(text)
    return path


def rates(config):
    return [TONGBAO, "-q", "--config", config, "--format", "json", "rates", "--to", "2016-07-07"]


def sample(url, persons):
    print(f"loading {persons:,} persons into {re.sub(':[^:@/]*@', '@', url)}", file=sys.stderr)
    run(TONGBAO, "-q", "sample", "--persons", persons, "--to", url)


def copy(url, sql):
    return ["psql", "-qAt", "-o", "/dev/null", "-c", f"COPY ({sql}) TO STDOUT (FORMAT binary)", url]


def register(base, persons):
    """A PostgreSQL register of so many persons, with what incremental pulls need: an index, and one
    record in a hundred changed in the last week."""
    url = f"{base}/register_{persons}"
    known = run("psql", "-qAt", "-c", "SELECT datname FROM pg_database", f"{base}/postgres",
                capture_output=True, text=True).stdout.split()
    if f"register_{persons}" not in known:
        run("psql", "-qc", f"CREATE DATABASE register_{persons}", f"{base}/postgres")
        sample(url, persons)
        run("psql", "-q", "-c", "CREATE INDEX ON person (updated_at)", "-c", "VACUUM ANALYZE", url)
    return url


class Changed:
    """Before every such pull a week passes in which one record in a hundred changes, on one or
    the other of its days."""

    def __init__(self, url, command):
        self.url, self.command, self.week = url, command, 0

    def prepare(self):
        self.week += 1
        # Every changed record has another value, and one in ten of them another person.
        run("psql", "-qc",
            "UPDATE person SET updated_at = (SELECT max(updated_at) FROM person) + "
            "(1 + id / 100 % 7) * interval '1 day', "
            "hukou_type = CASE hukou_type WHEN '10' THEN '20' ELSE '10' END, "
            f"id_number = CASE id % 1000 WHEN {self.week} THEN NULL ELSE id_number END "
            f"WHERE id % 100 = {self.week}", self.url)


INCREMENTAL = 'incremental = true\nincremental_key = "a secret of the benchmark, 32 characters"'


def postgres_ways(work, servers, persons, with_peers):
    base = servers.postgres()
    url = register(base, persons)
    sql = f"SELECT {COLUMNS} FROM person"
    both = ["sh", "-c", '"$@"', "sh", "psql", "-qAt", "-o", "/dev/null",
            "-c", f"COPY ({sql}) TO STDOUT (FORMAT binary)",
            "-c", "COPY (SELECT unit, id_number FROM roster) TO STDOUT (FORMAT binary)", url]
    ways = {
        "binary COPY to nowhere": (copy(url, sql), None),
        "tongbao, no roster": (rates(configuration(work, "pg", url)), "binary COPY to nowhere"),
        "tongbao, no roster, 2 connections":
            (rates(configuration(work, "pg2", url, source="connections = 2")), "binary COPY to nowhere"),
        "binary COPY of both tables": (both, None),
        "tongbao, roster":
            (rates(configuration(work, "pgr", url, roster=True)), "binary COPY of both tables"),
        "tongbao, roster, 2 connections":
            (rates(configuration(work, "pgr2", url, roster=True, source="connections = 2")),
             "binary COPY of both tables"),
    }
    pushed = rates(configuration(work, "pgd", url, source='compute = "database"'))
    ways["tongbao, counted in the database, no roster"] = (pushed, "binary COPY to nowhere")
    pushed = rates(configuration(work, "pgdr", url, roster=True, source='compute = "database"'))
    ways["tongbao, counted in the database, roster"] = (pushed, "binary COPY of both tables")
    # A week passes before a full pull, and the others follow it, each in a state of its own.
    week = "tongbao, no roster, 1 % changed"
    ways[week] = (Changed(url, rates(configuration(work, "pgw", url))), "binary COPY to nowhere")
    kept = rates(configuration(work, "pgi", url, source=INCREMENTAL))
    ways["tongbao, incremental, 1 % changed"] = (kept, week)
    kept = rates(configuration(work, "pgin", url, source=INCREMENTAL + '\ndeletions = "never"'))
    ways["tongbao, incremental, 1 % changed, never deleted"] = (kept, week)
    kept = rates(configuration(work, "pgir", url, roster=True, source=INCREMENTAL))
    ways["tongbao, incremental, 1 % changed, roster"] = (kept, "tongbao, roster")
    if with_peers:
        python = peers(work)
        for way in ["adbc", "connectorx"]:
            ways[f"{way} + polars (Python)"] = (
                [python, ROOT / "benches/peers/frames.py", way, url.replace("postgres://", "postgresql://"), sql],
                "binary COPY to nowhere")
    return ways


def peers(work):
    """The peers live in an environment of their own."""
    python = work / "peers/bin/python"
    if not python.exists():
        run(sys.executable, "-m", "venv", work / "peers")
        run(python, "-m", "pip", "-q", "install", *PEERS)
    return python


def bare(work, name, library):
    program = work / f"bare_{name}"
    flags = subprocess.run(["sh", "-c", f"mariadb_config --cflags --libs || true" if name == "mysql" else "true"],
                           capture_output=True, text=True).stdout.split()
    run("cc", "-O2", "-o", program, ROOT / f"benches/peers/bare_{name}.c", *flags, f"-l{library}")
    return program


def sqlite_ways(work, persons):
    file = work / f"register_{persons}.db"
    url = f"sqlite:{file}"
    if not file.exists():
        sample(url, persons)
    program = bare(work, "sqlite", "sqlite3")
    return {
        "SQLite stepped in C": ([program, file, f"SELECT {COLUMNS} FROM person"], None),
        "tongbao on SQLite, no roster": (rates(configuration(work, "lite", url)), "SQLite stepped in C"),
    }


def mariadb_ways(work, servers, persons):
    base, port = servers.mariadb()
    name = f"register_{persons}"
    known = run(*servers.client, "-Ne", "SHOW DATABASES", capture_output=True, text=True).stdout.split()
    if name not in known:
        run(*servers.client, "-e", f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        sample(f"{base}/{name}", persons)
    program = bare(work, "mysql", "mariadb")
    fetch = [f"{program} {port} bench bench 'SELECT {columns} FROM {name}.{table}'"
             for columns, table in [(COLUMNS, "person"), ("unit, id_number", "roster")]]
    one, both = "MariaDB fetched in C", "MariaDB, both tables fetched in C"
    ways = {
        one: (["sh", "-c", fetch[0]], None),
        "tongbao on MariaDB, no roster": (rates(configuration(work, "maria", f"{base}/{name}")), one),
        both: (["sh", "-c", " && ".join(fetch)], None),
    }
    for roster, limit in [(False, one), (True, both)]:
        pushed = configuration(work, f"mariad{roster:d}", f"{base}/{name}", roster, 'compute = "database"')
        listed = "roster" if roster else "no roster"
        ways[f"tongbao on MariaDB, counted in the database, {listed}"] = (rates(pushed), limit)
    return ways


def table(results, ways):
    rows = ["| way | seconds | ratio | peak MB |", "|---|---|---|---|"]
    for name, runs in results.items():
        limit = ways[name][1]
        seconds = statistics.median(s for s, _ in runs)
        # Ratios are taken within each round, so that both sides met the same machine.
        ratio = statistics.median(s / l for (s, _), (l, _) in zip(runs, results[limit])) if limit else None
        peak = max(m for _, m in runs)
        rows.append(f"| {name} | {seconds:.2f} | {f'{ratio:.2f}' if ratio else '–'} | {peak:.0f} |")
    return "\n".join(rows)


def machine():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GiB, {platform.system()} {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="postgres,sqlite,mariadb")
    parser.add_argument("--other", type=Path, help="another build of the program, measured beside this one")
    parser.add_argument("--without", default="", help="leave out the ways whose names hold this text")
    parser.add_argument("--no-peers", action="store_true", help="leave the Python peers out")
    parser.add_argument("--work", type=Path, default=ROOT / "target/bench", help="folder for data, kept for the next run")
    parser.add_argument("--json", type=Path, help="also write the single measurements there")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    servers, ways = Servers(options.work), {}
    try:
        if "postgres" in options.only:
            ways |= postgres_ways(options.work, servers, options.persons, not options.no_peers)
        if "sqlite" in options.only:
            ways |= sqlite_ways(options.work, options.persons)
        if "mariadb" in options.only:
            ways |= mariadb_ways(options.work, servers, options.persons)
        if options.other:
            ways |= {name.replace("tongbao", "other build"): ([options.other, *command[1:]], limit)
                     for name, (command, limit) in ways.items()
                     if name in ("tongbao, no roster", "tongbao, roster", "tongbao on SQLite, no roster",
                                 "tongbao on MariaDB, no roster")}
        if options.without:
            ways = {name: way for name, way in ways.items() if options.without not in name}
        results = {name: [] for name in ways}
        for round in range(options.rounds + 1):
            for name, (command, _) in ways.items():
                measured = measure(command)
                # The first round warms the caches.
                if round > 0:
                    results[name].append(measured)
            print(f"round {round} of {options.rounds}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    finally:
        servers.stop()
    print(f"{options.persons:,} persons, median of {options.rounds} rounds, {machine()}\n")
    print(table(results, ways))
    if options.json:
        options.json.write_text(json.dumps({"persons": options.persons, "machine": machine(), "runs": results}))


if __name__ == "__main__":
    main()
