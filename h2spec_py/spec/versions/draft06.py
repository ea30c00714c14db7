"""draft-ietf-httpbis-http2-06: header blocks go on in CONTINUATION."""

from __future__ import annotations

from h2spec_py.spec.model import (
    Bits,
    Entries,
    FrameType,
    HeaderLayout,
    Numbers,
    Octets,
    Setting,
    Version,
    frames_by_name,
    settings_by_name,
)

VERSION = Version(
    name="draft-06",
    short="06",
    preface=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",  # draft-06 3.5
    alpn="HTTP-draft-06/2.0",  # draft-06 3.1
    upgrade="HTTP-draft-06/2.0",  # draft-06 3.1
    upgrade_settings=("MAX_CONCURRENT_STREAMS", "INITIAL_WINDOW_SIZE"),  # draft-06 3.2.1
    hpack="hpack-02",  # draft-06 4.3
    header=HeaderLayout(octets=8, length_bits=16),  # draft-06 4.1
    max_frame_size=16383,  # draft-06 9.3, where 4.2 has 2^16-1: for HTTP; others up to 65535
    initial_window=65535,  # draft-06 6.9.2
    settings_ack=False,  # draft-06 6.5
    frames=frames_by_name(
        (
            FrameType(
                name="DATA",
                code=0x00,
                section="6.1",
                stream="nonzero",
                flags={"END_STREAM": 0x01},
                layout=(Octets("data"),),
            ),
            FrameType(
                name="HEADERS",
                code=0x01,
                section="6.2",
                stream="nonzero",
                flags={"END_STREAM": 0x01, "END_HEADERS": 0x04, "PRIORITY": 0x08},
                layout=(
                    Numbers(
                        (Bits("reserved", 1), Bits("number", 31)),
                        flag="PRIORITY",
                        group="priority",
                    ),
                    Octets("block"),
                ),
            ),
            FrameType(
                name="PRIORITY",
                code=0x02,
                section="6.3",
                stream="nonzero",
                flags={},
                layout=(Numbers((Bits("reserved", 1), Bits("number", 31)), group="priority"),),
            ),
            FrameType(
                name="RST_STREAM",
                code=0x03,
                section="6.4",
                stream="nonzero",
                flags={},
                layout=(Numbers((Bits("error", 32),)),),
            ),
            FrameType(
                name="SETTINGS",
                code=0x04,
                section="6.5",
                stream="zero",
                flags={},
                layout=(
                    Entries(
                        "settings",
                        Numbers((Bits("reserved", 8), Bits("id", 24), Bits("value", 32))),
                    ),
                ),
            ),
            FrameType(
                name="PUSH_PROMISE",
                code=0x05,
                section="6.6",
                stream="nonzero",
                flags={"END_HEADERS": 0x04},
                also={"END_HEADERS": 0x01},  # draft-06 12.1
                renamed={"END_HEADERS": "END_PUSH_PROMISE"},
                layout=(
                    Numbers((Bits("reserved", 1), Bits("promised", 31))),
                    Octets("block"),
                ),
            ),
            FrameType(
                name="PING",
                code=0x06,
                section="6.7",
                stream="zero",
                flags={"ACK": 0x01},
                renamed={"ACK": "PONG"},
                layout=(Octets("opaque", 8),),
            ),
            FrameType(
                name="GOAWAY",
                code=0x07,
                section="6.8",
                stream="zero",
                flags={},
                layout=(
                    Numbers((Bits("reserved", 1), Bits("last_stream", 31), Bits("error", 32))),
                    Octets("debug"),
                ),
            ),
            FrameType(
                name="WINDOW_UPDATE",
                code=0x09,
                section="6.9",
                stream="either",
                flags={},
                layout=(Numbers((Bits("reserved", 1), Bits("increment", 31))),),
            ),
            FrameType(
                name="CONTINUATION",
                code=0x0A,
                section="6.10",
                stream="nonzero",
                flags={"END_STREAM": 0x01, "END_HEADERS": 0x04},
                layout=(Octets("block"),),
            ),
        )
    ),
    settings=settings_by_name(
        (
            Setting("MAX_CONCURRENT_STREAMS", 0x04, "6.5.2", initial=None),
            Setting("INITIAL_WINDOW_SIZE", 0x07, "6.5.2", initial=65535),
            Setting("FLOW_CONTROL_OPTIONS", 0x0A, "6.5.2", initial=0),  # draft-06 5.2.1
        )
    ),
    errors={  # draft-06 7
        "NO_ERROR": 0x00,
        "PROTOCOL_ERROR": 0x01,
        "INTERNAL_ERROR": 0x02,
        "FLOW_CONTROL_ERROR": 0x03,
        "STREAM_CLOSED": 0x05,
        "FRAME_SIZE_ERROR": 0x06,
        "REFUSED_STREAM": 0x07,
        "CANCEL": 0x08,
        "COMPRESSION_ERROR": 0x09,
    },
    renamed={"FRAME_SIZE_ERROR": "FRAME_TOO_LARGE"},
    generic_errors=(),  # draft-06 5.4: no code stands for another
    malformed_errors=("PROTOCOL_ERROR",),  # draft-06 8.1.2, 8.1.2.1; a wrong content-length: 400
    pseudo={  # draft-06 8.1.2.1 and 8.1.2.2
        "method": ":method",
        "scheme": ":scheme",
        "authority": ":host",
        "path": ":path",
        "status": ":status",
    },
)
