#!/usr/bin/env python3
"""Pages a second of the console, alone and beside a pull: the demo's campaign, served by one daemon that pulls its
register again and again on a clerk's request, and wrk with 64 connections that stay open.

    benches/console.py [--program target/release/tongbao] [--persons 1000000] [--seconds 10]

Needs wrk (scripts/setup.sh bench). Seconds of the processor are the daemon's alone and depend less on other work."""

import argparse
import http.client
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

PAGES = [("a list of mails", "/mails"), ("the archive", "/runs"), ("a run", "/runs/1"), ("the first page", "/"),
         ("the league table", "/league"), ("a page of the bulletin", "/runs/1/pages/1.svg")]


class Browser:
    """One person's session."""

    def __init__(self, host):
        self.host, self.cookies = host, {}

    def ask(self, method, path, fields=None):
        connection = http.client.HTTPConnection(self.host, timeout=120)
        headers = {"Cookie": self.cookie()}
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, value = value.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location"), answer.read().decode()

    def cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def post(self, path, fields, form):
        token = re.search(r'name="token" value="(\w+)"', self.ask("GET", form)[2]).group(1)
        status, location, page = self.ask("POST", path, {"token": token, **fields})
        if status != 303:
            sys.exit(f"{path} was refused ({status}): {re.sub('<[^>]*>', ' ', page)[-400:]}")
        return location


def serve(program, persons, folder):
    """Starts the demo and waits until it serves; its process, its host and the clerk's password."""
    command = [program, "demo", "--out", folder, "--persons", str(persons), "--serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    host = None
    for line in process.stdout:
        if found := re.search(r"the console is at http://([^;\s]+)", line):
            host = found.group(1)
        if found := re.match(r"\s+clerk: (\S+)", line):
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return process, host, found.group(1)
    sys.exit(f"{program} has ended: {process.wait()}")


def seconds(pid):
    """Seconds of the processor that a process has had."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(host, cookie, path, long):
    """Requests a second, the 99th percentile in milliseconds, requests and errors."""
    command = ["wrk", "-t2", "-c64", f"-d{long}s", "--latency", "-H", f"Cookie: {cookie}", f"http://{host}{path}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    slowest = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout|responses:) (\d+)", text)))
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), slowest,
            int(re.search(r"(\d+) requests in", text).group(1)), errors)


class Pulls(threading.Thread):
    """Asks for one run after another, so that the daemon always pulls."""

    def __init__(self, browser):
        super().__init__(daemon=True)
        self.browser, self.goes_on, self.done = browser, True, 0

    def run(self):
        fields = {"report": "weekly", "from": "2016-06-06", "to": "2016-06-12", "record_only": "1"}
        while self.goes_on:
            where = self.browser.post("/requests", fields, "/requests")
            while self.goes_on and "data-watch" in self.browser.ask("GET", where)[2]:
                time.sleep(0.2)
            self.done += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/release/tongbao")
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tongbao-bench-") as folder:
        process, host, password = serve(arguments.program, arguments.persons, folder)
        try:
            measure(arguments, process, host, password)
        finally:
            process.terminate()
            process.wait()


def measure(arguments, process, host, password):
    clerk = Browser(host)
    clerk.post("/sign-in", {"name": "clerk", "password": password, "next": "/"}, "/sign-in")
    print(f"| {arguments.persons:,} persons | pages a second | p99, ms | ms of the processor a page | errors |")
    print("|---|---|---|---|---|")
    for beside in (False, True):
        pulls = Pulls(clerk)
        if beside:
            pulls.start()
        for name, path in PAGES:
            status = clerk.ask("GET", path)[0]
            if status != 200:
                sys.exit(f"{path}: {status}")
            before = seconds(process.pid)
            rate, slowest, count, errors = load(host, clerk.cookie(), path, arguments.seconds)
            # What pulls take cannot be told from what pages take.
            each = "–" if beside else f"{1000 * (seconds(process.pid) - before) / count:.2f}"
            place = ", beside a pull" if beside else ""
            print(f"| {name}{place} | {rate:,.0f} | {slowest:.1f} | {each} | {errors} |", flush=True)
        pulls.goes_on = False
        if beside:
            print(f"\n{pulls.done} runs were made meanwhile.")
    peak = re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{process.pid}/status").read()).group(1)
    print(f"\nPeak of the daemon: {int(peak) // 1024} MB, load of the machine {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
