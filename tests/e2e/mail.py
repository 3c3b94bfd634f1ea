"""Python's own mail program and parser, as an opinion that is independent of ours.

mail.py send SERVER FROM TO... < MAIL    hands the mail over; prints the code of the last answer
mail.py build < JSON                     writes a mail as Python would: from, to, subject, text, headers
mail.py read FILE...                     prints what each mail holds, as JSON, one line each
"""

import email
import json
import smtplib
import sys
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default


def send(server, sender, *recipients):
    host, port = server.split(":")
    with smtplib.SMTP(host, int(port), timeout=60) as smtp:
        try:
            smtp.sendmail(sender, recipients, sys.stdin.buffer.read())
            print(250)
        except smtplib.SMTPRecipientsRefused as refused:
            print(next(iter(refused.recipients.values()))[0])
        except smtplib.SMTPResponseException as refused:
            print(refused.smtp_code)


def build():
    what = json.load(sys.stdin)
    mail = EmailMessage(policy=SMTP)
    name, address = what["from"]
    mail["From"] = Address(name, addr_spec=address)
    for header in ("to", "subject"):
        mail[header.title()] = what[header]
    for header, value in what.get("headers", {}).items():
        mail[header] = value
    mail.set_content(what["text"])
    for name, text in what.get("attachments", {}).items():
        mail.add_attachment(text.encode(), maintype="application", subtype="xml", filename=name)
    sys.stdout.buffer.write(mail.as_bytes())


def read(*files):
    for name in files:
        with open(name, "rb") as file:
            mail = email.message_from_binary_file(file, policy=default)
        parts = [part for part in mail.walk() if not part.is_multipart()]
        body = {kind: mail.get_body((kind,)).get_content() for kind in ("plain", "html")}
        print(
            json.dumps(
                {
                    "defects": [repr(defect) for part in mail.walk() for defect in part.defects]
                    + [repr(defect) for value in mail.values() for defect in value.defects],
                    "content_type": mail.get_content_type(),
                    "parts": [part.get_content_type() for part in parts],
                    "to": [address.addr_spec for address in mail["To"].addresses],
                    "from": [address.addr_spec for address in mail["From"].addresses],
                    "reply_to": [address.addr_spec for address in mail["Reply-To"].addresses]
                    if mail["Reply-To"]
                    else [],
                    "subject": mail["Subject"],
                    "headers": {name.lower(): str(value) for name, value in mail.items()},
                    "longest_line": max(len(line) for line in mail.as_bytes().splitlines()),
                    "text": body["plain"],
                    "html": body["html"],
                }
            )
        )


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
