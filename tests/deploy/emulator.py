"""The emulator, with two faults mended in how it reads requests before it looks at the roles.

It takes every schedule for one of the group `default`, and a mail for one of no identity. Both are read
here as the services document: schedule/GROUP/NAME, and ses:SendRawEmail on the sender's identity. And
since it listens on this machine only, without TLS, it is told that its connections are encrypted: the
bucket refuses any other.
"""

import json

from ministack import app
from ministack.core import iam_actions

MAILS = "/v2/email/outbound-emails"

action_of = iam_actions.extract_iam_action
resource_of = iam_actions.extract_resource_arn
pin_origin = app.pin_request_origin


def action(service, method, path, headers, body, query):
    """A finished message is authorised as raw."""
    if service == "ses" and path == MAILS and "Raw" in json.loads(body)["Content"]:
        return "ses:SendRawEmail"
    return action_of(service, method, path, headers, body, query)


def resource(service, method, path, headers, body, query, region, account):
    """The schedule in its group; the identity that a message is sent from."""
    told = resource_of(service, method, path, headers, body, query, region, account)
    if service == "scheduler" and ":schedule/default/" in told:
        group = query.get("groupName") or json.loads(body or "{}").get("GroupName", "default")
        group = group[0] if isinstance(group, list) else group
        return told.replace(":schedule/default/", f":schedule/{group}/")
    if service == "ses" and path == MAILS:
        domain = json.loads(body)["FromEmailAddress"].rpartition("@")[2].rstrip(">")
        return f"arn:aws:ses:{region}:{account}:identity/{domain}"
    return told


iam_actions.extract_iam_action = action
iam_actions.extract_resource_arn = resource
app.pin_request_origin = lambda address, _: pin_origin(address, True)

if __name__ == "__main__":
    app.main()
