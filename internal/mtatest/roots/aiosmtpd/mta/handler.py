import socket
import time

from aiosmtpd.handlers import Proxy, Sink


class Checked:
    """What the manual of aiosmtpd shows for handle_RCPT."""

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if not address.endswith("@local.test"):
            return "550 not relaying to that domain"
        envelope.rcpt_tos.append(address)
        return "250 OK"


class CheckedSink(Checked, Sink):
    pass


class OpenProxy(Proxy):
    """It listens when the server behind it does."""

    def __init__(self):
        super().__init__("{{.IP}}", 2525)
        while socket.socket().connect_ex(("{{.IP}}", 2525)) != 0:
            time.sleep(0.1)


class CheckedProxy(Checked, OpenProxy):
    pass
