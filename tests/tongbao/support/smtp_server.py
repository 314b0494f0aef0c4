"""A mail server for tests: keeps every mail with its envelope as a file, and misbehaves on request.

usage: smtp_server.py FOLDER MODE      MODE: plain | auth | starttls | tls
It prints its port. In the modes starttls and tls FOLDER holds cert.pem and key.pem.
The local part of a recipient says what happens: refuse4, refuse5, silent, lost.
"""

import asyncio
import json
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

folder, mode = pathlib.Path(sys.argv[1]), sys.argv[2]


class Keeper:
    count = 0
    connections = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refuse4"):
            return f"450 4.2.1 {address} is busy"
        if address.startswith("refuse5"):
            return f"550 5.1.1 {address} is unknown"
        if address.startswith("silent"):
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("lost"):
            server.transport.abort()
            await asyncio.sleep(3600)
        Keeper.count += 1
        note = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "peer": session.peer[1], "tls": bool(session.ssl)}
        (folder / f"{Keeper.count}.eml").write_bytes(envelope.content)
        # Whoever looks at the folder meanwhile finds all of it or nothing.
        unfinished = folder / f"{Keeper.count}.unfinished"
        unfinished.write_text(json.dumps(note))
        unfinished.rename(folder / f"{Keeper.count}.json")
        return f"250 2.0.0 queued as {Keeper.count}"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.login == b"office"
    right = right and data.password in (b"right", b"MARKED-mail")
    return AuthResult(success=right, handled=right)


def tls_context():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def protocol():
    options = {"hostname": "localhost"}
    if mode == "auth":
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    if mode == "starttls":
        options |= {"tls_context": tls_context(), "require_starttls": True}
    return SMTP(Keeper(), **options)


async def main():
    first = tls_context() if mode == "tls" else None
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=first)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
