"""Reads a mail with Python's own parser and prints as JSON what a recipient would see."""

import email
import email.header
import hashlib
import json
import pathlib
import sys
from email import policy

raw = pathlib.Path(sys.argv[1]).read_bytes()
mail = email.message_from_bytes(raw, policy=policy.default)
# The old parser leaves encoded words alone, so that name= is seen as an old reader decodes it.
plain = [part for part in email.message_from_bytes(raw).walk() if part.get_content_disposition() == "attachment"]
pictures = [part for part in mail.walk() if part.get_content_disposition() == "inline"]
related = [part for part in mail.walk() if part.get_content_type() == "multipart/related"]


def old_name(part):
    return str(email.header.make_header(email.header.decode_header(part.get_param("name"))))


files = [
    {
        "name": part.get_filename(),
        "type": part.get_content_type(),
        "old_name": old_name(old),
        "sha256": hashlib.sha256(part.get_payload(decode=True)).hexdigest(),
    }
    for part, old in zip(mail.iter_attachments(), plain)
]
print(
    json.dumps(
        {
            "subject": mail["subject"],
            "from": [mail["from"].addresses[0].display_name, mail["from"].addresses[0].addr_spec],
            "to": [mail["to"].addresses[0].display_name, mail["to"].addresses[0].addr_spec],
            "id": mail["message-id"],
            "date": mail["date"].datetime.isoformat(),
            "text": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
            "files": files,
            "pictures": [
                {
                    "id": part["content-id"],
                    "type": part.get_content_type(),
                    "sha256": hashlib.sha256(part.get_payload(decode=True)).hexdigest(),
                }
                for part in pictures
            ],
            "related": [[part.get_content_type() for part in group.iter_parts()] for group in related],
            "defects": [str(defect) for part in mail.walk() for defect in part.defects],
            "headers": sorted(set(mail.keys())),
            "longest_line": max(len(line) for line in raw.split(b"\r\n")),
        }
    )
)
