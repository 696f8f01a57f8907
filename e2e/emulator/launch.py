"""Starts MiniStack so that each function's calls can be told apart: its name is the session token of its credentials.

MiniStack gives all functions the same credentials unless it checks signatures and policies (AUTH=true).
The gateway reads the name from X-Amz-Security-Token; nothing else differs from the `ministack` command.
"""

import sys

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

credentials_of = lambda_runtime.execution_credentials


def named_credentials(config: dict) -> dict[str, str]:
    return {**credentials_of(config), "AWS_SESSION_TOKEN": config.get("FunctionName", "")}


lambda_runtime.execution_credentials = named_credentials
lambda_svc.execution_credentials = named_credentials

if __name__ == "__main__":
    from ministack.app import main

    sys.argv = ["ministack"]
    main()
