"""Makes one call, and prints the answer or the error as JSON.

    call.py SERVICE METHOD ARGUMENTS [unsigned]
"""

import json
import sys

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

service, method, arguments = sys.argv[1:4]
config = Config(signature_version=UNSIGNED) if sys.argv[4:] == ["unsigned"] else None
client = boto3.client(service, config=config)
result = {}
try:
    result["answer"] = getattr(client, method)(**json.loads(arguments))
    meta = result["answer"].pop("ResponseMetadata")
except ClientError as error:
    meta = error.response["ResponseMetadata"]
    result["error"] = type(error).__name__
    result["code"] = error.response["Error"]["Code"]
    result["message"] = error.response["Error"]["Message"]
except BotoCoreError as error:
    meta = {}
    result["error"] = type(error).__name__
result["status"] = meta.get("HTTPStatusCode")
result["retries"] = meta.get("RetryAttempts")
json.dump(result, sys.stdout, default=str)
