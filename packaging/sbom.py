#!/usr/bin/env python3
"""The software bill of materials of the program as CycloneDX 1.5, on stdout: what is compiled in, with
versions, licences and the checksums of Cargo.lock. The same lock file gives the same bytes.

usage: packaging/sbom.py [CARGO-METADATA-JSON]
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLATFORM = "x86_64-unknown-linux-gnu"


def metadata():
    if len(sys.argv) > 1:
        return json.loads(pathlib.Path(sys.argv[1]).read_text())
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", PLATFORM]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)


def compiled_in(data):
    """Packages reached from the root without development dependencies, with what each needs."""
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    needs, waiting = {}, [data["resolve"]["root"]]
    while waiting:
        package = waiting.pop()
        if package in needs:
            continue
        wanted = [
            dep["pkg"] for dep in nodes[package]["deps"] if any(kind["kind"] != "dev" for kind in dep["dep_kinds"])
        ]
        needs[package] = sorted(wanted)
        waiting.extend(wanted)
    return needs


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, checksums):
    out = {
        "type": "library",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
    }
    if package.get("description"):
        out["description"] = " ".join(package["description"].split())
    if package.get("license"):
        # Cargo still reads the slash of its first years as OR.
        out["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", package["license"])}]
    checksum = checksums.get((package["name"], package["version"]))
    if checksum:
        out["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    if package.get("repository"):
        out["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return out


def main():
    data = metadata()
    lock_text = (ROOT / "Cargo.lock").read_text()
    locked = tomllib.loads(lock_text)["package"]
    checksums = {(entry["name"], entry["version"]): entry.get("checksum") for entry in locked}
    packages = {package["id"]: package for package in data["packages"]}
    needs = compiled_in(data)
    root = packages[data["resolve"]["root"]]
    libraries = sorted((packages[id] for id in needs if id != root["id"]), key=reference)
    graph = [
        {"ref": reference(packages[id]), "dependsOn": sorted(reference(packages[need]) for need in wanted)}
        for id, wanted in needs.items()
    ]
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, lock_text)}",
        "version": 1,
        "metadata": {"component": {**component(root, checksums), "type": "application"}},
        "components": [component(package, checksums) for package in libraries],
        "dependencies": sorted(graph, key=lambda entry: entry["ref"]),
    }
    print(json.dumps(bom, indent=1, ensure_ascii=False))


main()
