#!/usr/bin/env python3
"""Writes table.rs: the commands of the AWS CLI for what pipelines to ECS use, with their options.

    python3 -m venv cli && cli/bin/pip install awscli
    pip download botocore --no-deps && unzip botocore-*.whl 'botocore/data/*'
    AWS_DATA_PATH=botocore/data cli/bin/python generate.py VERSION-OF-BOTOCORE > table.rs
    rustfmt --edition 2024 table.rs

Version 1 of the AWS CLI is asked, since version 2 is in no package index: with the newest models it has
version 2's operations. What version 2 alone has stands below. Where a newer version takes a command or an
option away, add it below too: pipelines hold on to the AWS CLI that they have.
"""

import sys
import textwrap

import awscli
from awscli.clidriver import create_clidriver

SERVICES = ["codebuild", "codepipeline", "deploy", "ecr", "ecr-public", "ecs", "elbv2", "sts"]

# https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html; true where a value follows.
GLOBAL_OF_VERSION_2 = {
    "cli-auto-prompt": False,
    "cli-binary-format": True,
    "cli-error-format": True,
    "no-cli-auto-prompt": False,
    "no-cli-pager": False,
}
# https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-skeleton.html: wherever --cli-input-json is.
INPUT_OF_VERSION_2 = "cli-input-yaml"
# https://docs.aws.amazon.com/cli/latest/reference/ecs/
OF_VERSION_2 = {
    "ecs": {
        "monitor-express-gateway-service": ["resource-view", "service-arn", "timeout"],
        "create-express-gateway-service": ["monitor-resources"],
        "delete-express-gateway-service": ["monitor-resources"],
        "update-express-gateway-service": ["monitor-resources"],
    },
}


def below(command):
    """The commands below one: a service's operations, and what `wait` waits for."""
    table = getattr(command, "subcommand_table", None)
    if table is None and hasattr(command, "_get_command_table"):
        table = command._get_command_table()
    return {name: command for name, command in (table or {}).items() if name != "help"}


def options(command):
    names = set(command.arg_table)
    if "cli-input-json" in names:
        names.add(INPUT_OF_VERSION_2)
    return names


def commands(service, command):
    table = {}
    for name, operation in below(command).items():
        waits = below(operation)
        table.update({f"{name} {wait}": options(waits[wait]) for wait in waits})
        if not waits:
            table[name] = options(operation)
    for name, names in OF_VERSION_2.get(service, {}).items():
        table.setdefault(name, set()).update(names)
    return ", ".join(f'("{name}", "{words(names)}")' for name, names in sorted(table.items()))


def words(names):
    """The names on as many lines as they need, each line but the last with a backslash: Rust skips the break."""
    lines = textwrap.wrap(" ".join(sorted(names)), 70, break_on_hyphens=False, break_long_words=False)
    return " \\\n".join(lines)


def main(models):
    driver = create_clidriver()
    print(f"//! Commands of the AWS CLI. Written by `generate.py` from awscli {awscli.__version__} with the models of "
          f"botocore {models}: do not edit.\n")
    print("use super::Service;\n")
    options_of_all = {name: option._action is None for name, option in driver._get_argument_table().items()}
    options_of_all.update(GLOBAL_OF_VERSION_2)
    rows = [f'("{name}", {str(value).lower()})' for name, value in sorted(options_of_all.items())]
    print(f"pub(super) static GLOBAL: &[(&str, bool)] = &[{', '.join(rows)}];\n")
    services = driver._get_command_table()
    rows = [f'Service {{ name: "{name}", commands: &[{commands(name, services[name])}] }}' for name in SERVICES]
    print(f"pub(super) static SERVICES: &[Service] = &[{', '.join(rows)}];")


if __name__ == "__main__":
    main(*sys.argv[1:])
