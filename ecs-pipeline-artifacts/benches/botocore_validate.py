"""Validates task definitions with botocore's own parameter validation: what `ecs-pipeline validate` is
measured against, as a whole process (docs/benchmarks.md).

    python benches/botocore_validate.py FILE...
"""

import json
import sys

import botocore.session
from botocore.validate import ParamValidator

model = botocore.session.get_session().get_service_model("ecs")
shape = model.operation_model("RegisterTaskDefinition").input_shape
refused = 0
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        try:
            document = json.load(file)
        except ValueError:
            refused += 1
            continue
    if ParamValidator().validate(document, shape).has_errors():
        refused += 1
print(f"{len(sys.argv) - 1} files, {refused} refused")
