#!/usr/bin/env python3
"""How cost grows with persons and with units: a table, an exponent, and a plot (growth.svg).

Each size is measured beside the binary COPY of the same columns in the same rounds.
"""

import argparse
import math
import statistics
import sys
from pathlib import Path

import whole

SIZES = [50_000, 200_000, 1_000_000, 5_000_000, 20_000_000]
UNITS = [60, 1_000, 5_000, 25_000]


def fit(points):
    """Slope of the line through the logarithms: the exponent of growth."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mx, my = (statistics.mean(p[i] for p in logs) for i in (0, 1))
    return sum((x - mx) * (y - my) for x, y in logs) / sum((x - mx) ** 2 for x, _ in logs)


def measured(command, limit, rounds):
    """Median seconds, median ratio to the wire, peak MB."""
    runs = [(whole.measure(limit), whole.measure(command)) for _ in range(rounds + 1)][1:]
    return (statistics.median(run[0] for _, run in runs),
            statistics.median(run[0] / wire[0] for wire, run in runs), max(run[1] for _, run in runs))


def with_units(base, persons, count):
    """A copy of the register spread over so many units."""
    name = f"units_{count}"
    known = whole.run("psql", "-qAt", "-c", "SELECT datname FROM pg_database", f"{base}/postgres",
                      capture_output=True, text=True).stdout.split()
    if name not in known:
        whole.run("psql", "-qc", f"CREATE DATABASE {name} TEMPLATE register_{persons}", f"{base}/postgres")
        code = f"'5' || lpad((id % {count})::text, 11, '0')"
        whole.run("psql", "-q", "-c", f"UPDATE person SET village_code = {code}",
                  "-c", f"INSERT INTO unit SELECT DISTINCT village_code, village_code, '村' FROM person",
                  "-c", "VACUUM FULL", f"{base}/{name}")
    return f"{base}/{name}"


def plot(points, exponent, file):
    """Seconds by persons on logarithmic axes, with the line of exact proportion."""
    left, top, width, height = 70, 30, 520, 320
    x0, x1, y0, y1 = 4.5, 7.5, -1.5, 2.0
    x = lambda v: left + (math.log10(v) - x0) / (x1 - x0) * width
    y = lambda v: top + height - (math.log10(v) - y0) / (y1 - y0) * height
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="620" height="410" font-family="sans-serif" font-size="12">',
             '<rect width="620" height="410" fill="#fff"/>',
             f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#888"/>']
    for v, label in [(5e4, "50 k"), (2e5, "200 k"), (1e6, "1 M"), (5e6, "5 M"), (2e7, "20 M")]:
        parts.append(f'<line x1="{x(v):.1f}" y1="{top}" x2="{x(v):.1f}" y2="{top + height}" stroke="#ddd"/>'
                     f'<text x="{x(v):.1f}" y="{top + height + 18}" text-anchor="middle">{label}</text>')
    for v in [0.1, 1, 10]:
        parts.append(f'<line x1="{left}" y1="{y(v):.1f}" x2="{left + width}" y2="{y(v):.1f}" stroke="#ddd"/>'
                     f'<text x="{left - 8}" y="{y(v) + 4:.1f}" text-anchor="end">{v:g} s</text>')
    n, t = points[-1]
    ends = [(v, t * v / n) for v in (points[0][0], n)]
    line = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in ends)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#999" stroke-dasharray="5 4"/>')
    line = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#b00" stroke-width="2"/>')
    for a, b in points:
        parts.append(f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="4" fill="#b00"/>'
                     f'<text x="{x(a) + 8:.1f}" y="{y(b) + 16:.1f}">{b:.2f} s</text>')
    parts.append(f'<text x="{left}" y="20">tongbao rates by persons in the register (exponent {exponent:.2f}; '
                 'dashed: proportional)</text>')
    parts.append(f'<text x="{left + width / 2}" y="400" text-anchor="middle">persons</text></svg>')
    file.write_text("\n".join(parts) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=whole.ROOT / "target/bench")
    parser.add_argument("--largest", type=int, default=5_000_000, help="20000000 loads for a quarter of an hour")
    parser.add_argument("--no-units", action="store_true")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    servers = whole.Servers(options.work)
    sql = f"SELECT {whole.COLUMNS} FROM person"
    try:
        base = servers.postgres()
        points = []
        print(whole.machine(), "\n\n| persons | seconds | ratio to COPY | peak MB |\n|---|---|---|---|")
        for persons in (size for size in SIZES if size <= options.largest):
            url = whole.register(base, persons)
            config = whole.configuration(options.work, f"growth{persons}", url)
            seconds, ratio, peak = measured(whole.rates(config), whole.copy(url, sql), options.rounds)
            points.append((persons, seconds))
            print(f"| {persons:,} | {seconds:.2f} | {ratio:.2f} | {peak:.0f} |", flush=True)
        exponent = fit(points[1:])
        print(f"\nexponent from {points[1][0]:,} persons on: {exponent:.2f}; "
              f"50 M persons would take {points[-1][1] * 5e7 / points[-1][0]:.0f} s")
        plot(points, exponent, Path(__file__).parent / "growth.svg")
        if not options.no_units:
            print("\n| units | seconds | ratio to COPY | peak MB |\n|---|---|---|---|")
            for count in UNITS:
                url = with_units(base, 1_000_000, count)
                config = whole.configuration(options.work, f"units{count}", url)
                seconds, ratio, peak = measured(whole.rates(config), whole.copy(url, sql), options.rounds)
                print(f"| {count:,} | {seconds:.2f} | {ratio:.2f} | {peak:.0f} |", flush=True)
    finally:
        servers.stop()


if __name__ == "__main__":
    sys.exit(main())
