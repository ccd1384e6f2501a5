#!/usr/bin/env python3
"""Writes table.rs: the shape of RegisterTaskDefinition's input, from botocore's service model of ECS.

    pip download botocore --no-deps && unzip botocore-*.whl 'botocore/data/ecs/*'
    python3 generate.py botocore/data/ecs/2014-11-13/service-2.json.gz VERSION > table.rs
    rustfmt --edition 2024 table.rs

Where a newer model takes away a member or adds a required one, look whether files that AWS still accepts
would now be refused.
"""

import gzip
import json
import re
import sys

ROOT = "RegisterTaskDefinitionRequest"
HEADER = """\
//! What `RegisterTaskDefinition` takes. Written by `generate.py` from botocore {version}: do not edit.

use super::{{Bounds, Shape}};
"""


def constant(name):
    """`EFSVolumeConfiguration` as `EFS_VOLUME_CONFIGURATION`."""
    name = name.replace("FSx", "Fsx")
    words = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", name)
    return words.upper()


def bounds(shape):
    low, high = shape.get("min", 0), shape.get("max")
    if low == 0 and high is None:
        return "Bounds::NONE"
    return f"Bounds {{ min: {low}, max: {'i64::MAX' if high is None else high} }}"


def strings(names):
    return "&[" + ", ".join(f'"{name}"' for name in names) + "]"


def structure(shape):
    members = shape["members"]
    required = list(shape.get("required", []))
    if shape.get("union") and len(members) == 1:
        # botocore wants exactly one member of a union.
        required = list(members)
    rows = [f'("{name}", &{constant(members[name]["shape"])})' for name in sorted(members)]
    return f"Shape::Structure {{ members: &[{', '.join(rows)}], required: {strings(required)} }}"


def value(shape):
    kind = shape["type"]
    if kind == "structure":
        return structure(shape)
    if kind == "list":
        item = constant(shape["member"]["shape"])
        return f"Shape::List {{ item: &{item}, length: {bounds(shape)} }}"
    if kind == "map":
        return f"Shape::Map {{ value: &{constant(shape['value']['shape'])} }}"
    if kind == "string":
        values = strings(sorted(shape.get("enum", [])))
        return f"Shape::String {{ values: {values}, length: {bounds(shape)} }}"
    if kind in ("integer", "long"):
        low, high = shape.get("min", "i64::MIN"), shape.get("max", "i64::MAX")
        return f"Shape::Integer {{ range: Bounds {{ min: {low}, max: {high} }} }}"
    if kind == "boolean":
        return "Shape::Boolean"
    sys.exit(f"a kind of shape that the table has no word for: {kind}")


def reached(shapes, name, names):
    """The names of all shapes that the input is made of."""
    if name in names:
        return
    names.add(name)
    shape = shapes[name]
    for member in shape.get("members", {}).values():
        reached(shapes, member["shape"], names)
    for part in ("member", "key", "value"):
        if part in shape:
            reached(shapes, shape[part]["shape"], names)


def main(path, version):
    with gzip.open(path) as file:
        shapes = json.load(file)["shapes"]
    names = set()
    reached(shapes, ROOT, names)
    print(HEADER.format(version=version))
    for name in sorted(names):
        visible = "pub(crate) " if name in (ROOT, "ContainerDefinition", "ContainerDefinitions") else ""
        print(f"{visible}static {constant(name)}: Shape = {value(shapes[name])};\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
