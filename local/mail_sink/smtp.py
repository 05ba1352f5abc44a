"""The receiving side of SMTP (RFC 5321), as much as a mail client needs on one machine.

EHLO/HELO, MAIL, RCPT, DATA, RSET, NOOP, VRFY, QUIT; SIZE, 8BITMIME, SMTPUTF8 and PIPELINING.
No TLS, no sign-in: it listens on the loopback address only.
"""

import asyncio
import re
from collections.abc import Callable

SIZE_LIMIT_BYTES = 25_000_000
LINE_LIMIT_BYTES = 4_096
RECIPIENTS_LIMIT = 100
SILENCE_SECONDS = 300
# Whoever wants to see what becomes of a mail that nobody can get writes to such an address.
NOWHERE = ".invalid"
ADDRESS = re.compile(r"^(?:FROM|TO):\s*<([^<>\s]*)>", re.IGNORECASE)

Deliver = Callable[[bytes, list[str]], object]


class _Closed(Exception):
    pass


class Session:
    """One client's connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deliver: Deliver
    ) -> None:
        """Talk over `reader` and `writer`; hand complete mails to `deliver`."""
        self._reader = reader
        self._writer = writer
        self._deliver = deliver
        self._greeted = False
        self._forget()

    def _forget(self) -> None:
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def _say(self, *lines: str) -> None:
        code = lines[0][:3]
        for line in lines[:-1]:
            self._writer.write(f"{code}-{line[4:]}\r\n".encode())
        self._writer.write(f"{lines[-1]}\r\n".encode())
        await self._writer.drain()

    async def _line(self) -> bytes:
        try:
            line = await asyncio.wait_for(self._reader.readuntil(b"\n"), SILENCE_SECONDS)
        except asyncio.LimitOverrunError:
            await self._say("500 line too long")
            raise _Closed from None
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            raise _Closed from None
        return line

    async def talk(self) -> None:
        """Serve the client until it leaves."""
        await self._say("220 kontor mail sink: nothing leaves this machine")
        try:
            while True:
                line = (await self._line()).decode("utf-8", "replace").strip()
                verb, _, rest = line.partition(" ")
                await self._answer(verb.upper(), rest)
        except _Closed:
            self._writer.close()

    async def _answer(self, verb: str, rest: str) -> None:
        match verb:
            case "EHLO":
                self._greeted = True
                self._forget()
                extensions = (f"250 SIZE {SIZE_LIMIT_BYTES}", "250 8BITMIME", "250 SMTPUTF8")
                await self._say("250 kontor", *extensions, "250 PIPELINING")
            case "HELO":
                self._greeted = True
                self._forget()
                await self._say("250 kontor")
            case "MAIL":
                await self._mail(rest)
            case "RCPT":
                await self._rcpt(rest)
            case "DATA":
                await self._data()
            case "RSET":
                self._forget()
                await self._say("250 forgotten")
            case "NOOP":
                await self._say("250 still here")
            case "VRFY":
                await self._say("252 send it and see")
            case "QUIT":
                await self._say("221 bye")
                raise _Closed
            case _:
                await self._say("502 not a command of this server")

    async def _mail(self, rest: str) -> None:
        address = ADDRESS.match(rest)
        size = re.search(r"\bSIZE=(\d+)", rest, re.IGNORECASE)
        if not self._greeted:
            await self._say("503 say EHLO first")
        elif self._sender is not None:
            await self._say("503 a mail is being given already")
        elif address is None or not rest.upper().startswith("FROM"):
            await self._say("501 MAIL FROM:<address>")
        elif size and int(size[1]) > SIZE_LIMIT_BYTES:
            await self._say("552 too large")
        else:
            self._sender = address[1]
            await self._say("250 ok")

    async def _rcpt(self, rest: str) -> None:
        address = ADDRESS.match(rest)
        if self._sender is None:
            await self._say("503 MAIL comes first")
        elif address is None or not address[1] or not rest.upper().startswith("TO"):
            await self._say("501 RCPT TO:<address>")
        elif len(self._recipients) >= RECIPIENTS_LIMIT:
            await self._say("452 too many recipients")
        elif address[1].lower().endswith(NOWHERE):
            await self._say("550 5.1.2 there is no such domain, and never will be (RFC 2606)")
        else:
            self._recipients.append(address[1])
            await self._say("250 ok")

    async def _data(self) -> None:
        if not self._recipients:
            await self._say("503 RCPT comes first")
            return
        await self._say("354 end with a line that holds a dot only")
        content = bytearray()
        while (line := await self._line()).rstrip(b"\r\n") != b".":
            if len(content) <= SIZE_LIMIT_BYTES:
                # a leading dot was doubled for the way (RFC 5321, 4.5.2)
                content += line[1:] if line.startswith(b".") else line
        if len(content) > SIZE_LIMIT_BYTES:
            await self._say("552 too large")
        else:
            self._deliver(bytes(content), self._recipients)
            await self._say("250 kept")
        self._forget()


async def serve(host: str, port: int, deliver: Deliver) -> asyncio.Server:
    """Listen for mail clients and hand every mail to `deliver(raw, recipients)`."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Session(reader, writer, deliver).talk()

    return await asyncio.start_server(meet, host, port, limit=LINE_LIMIT_BYTES)
