"""MiniStack's policy evaluator on standard input: documents and requests in, one decision for each pair out.

In: {"account": ..., "documents": [policy document, ...], "requests": [{"action", "resource", "context"}, ...]}
Out: for each document a text of one letter a request, "A" for allowed and "-" for not.
"""

import json
import sys

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document


def context_of(account: str, request: dict) -> EvalContext:
    context = request["context"]
    return EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/forestall/forestall",
        principal_type="AssumedRole",
        principal_account=account,
        action=request["action"],
        resource_arn=request["resource"],
        region=context.get("aws:requestedregion", ""),
        # It looks for tag keys here first, and takes an absent entry for an empty list.
        service_context={"aws:tagkeys": None, **context},
    )


def main() -> None:
    given = json.load(sys.stdin)
    requests = [context_of(given["account"], request) for request in given["requests"]]
    decisions = []
    for document in given["documents"]:
        statements = parse_policy_document(document)
        decisions.append("".join("A" if evaluate(request, [statements]).decision == "Allow" else "-" for request in requests))
    json.dump(decisions, sys.stdout)


if __name__ == "__main__":
    main()
