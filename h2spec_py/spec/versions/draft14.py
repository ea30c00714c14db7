"""draft-ietf-httpbis-http2-14: the first with a header of 9 octets."""

from __future__ import annotations

from h2spec_py.spec.model import (
    Bits,
    Entries,
    FrameType,
    HeaderLayout,
    Numbers,
    Octets,
    PaddingOctets,
    PadLength,
    Setting,
    Version,
    frames_by_name,
    settings_by_name,
)

VERSION = Version(
    name="draft-14",
    short="14",
    preface=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",  # draft-14 3.5
    alpn="h2-14",  # draft-14 3.1
    upgrade="h2c-14",  # draft-14 3.1
    hpack="hpack-09",  # draft-14 4.3
    header=HeaderLayout(octets=9, length_bits=24),  # draft-14 4.1
    max_frame_size=16384,  # draft-14 4.2
    initial_window=65535,  # draft-14 6.9.2
    settings_ack=True,  # draft-14 6.5.3
    frames=frames_by_name(
        (
            FrameType(
                name="DATA",
                code=0x00,
                section="6.1",
                stream="nonzero",
                flags={"END_STREAM": 0x01, "PADDED": 0x08},
                layout=(PadLength("PADDED"), Octets("data"), PaddingOctets()),
            ),
            FrameType(
                name="HEADERS",
                code=0x01,
                section="6.2",
                stream="nonzero",
                flags={"END_STREAM": 0x01, "END_HEADERS": 0x04, "PADDED": 0x08, "PRIORITY": 0x20},
                layout=(
                    PadLength("PADDED"),
                    Numbers(
                        (Bits("exclusive", 1), Bits("depends_on", 31), Bits("weight_octet", 8)),
                        flag="PRIORITY",
                        group="priority",
                    ),
                    Octets("block"),
                    PaddingOctets(),
                ),
            ),
            FrameType(
                name="PRIORITY",
                code=0x02,
                section="6.3",
                stream="nonzero",
                flags={},
                layout=(
                    Numbers(
                        (Bits("exclusive", 1), Bits("depends_on", 31), Bits("weight_octet", 8)),
                        group="priority",
                    ),
                ),
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
                flags={"ACK": 0x01},
                layout=(Entries("settings", Numbers((Bits("id", 16), Bits("value", 32)))),),
            ),
            FrameType(
                name="PUSH_PROMISE",
                code=0x05,
                section="6.6",
                stream="nonzero",
                flags={"END_HEADERS": 0x04, "PADDED": 0x08},
                layout=(
                    PadLength("PADDED"),
                    Numbers((Bits("reserved", 1), Bits("promised", 31))),
                    Octets("block"),
                    PaddingOctets(),
                ),
            ),
            FrameType(
                name="PING",
                code=0x06,
                section="6.7",
                stream="zero",
                flags={"ACK": 0x01},
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
                code=0x08,
                section="6.9",
                stream="either",
                flags={},
                layout=(Numbers((Bits("reserved", 1), Bits("increment", 31))),),
            ),
            FrameType(
                name="CONTINUATION",
                code=0x09,
                section="6.10",
                stream="nonzero",
                flags={"END_HEADERS": 0x04},
                layout=(Octets("block"),),
            ),
        )
    ),
    settings=settings_by_name(
        (
            Setting("HEADER_TABLE_SIZE", 0x01, "6.5.2", initial=4096),
            Setting(
                "ENABLE_PUSH",
                0x02,
                "6.5.2",
                initial=1,
                maximum=1,
                error="PROTOCOL_ERROR",
                server_maximum=0,  # draft-14 8.2
            ),
            Setting("MAX_CONCURRENT_STREAMS", 0x03, "6.5.2", initial=None),
            Setting(
                "INITIAL_WINDOW_SIZE",
                0x04,
                "6.5.2",
                initial=65535,
                maximum=2**31 - 1,
                error="FLOW_CONTROL_ERROR",
            ),
            Setting(
                "MAX_FRAME_SIZE",
                0x05,
                "6.5.2",
                initial=16384,  # draft-14 11.3 has 65536, against 4.1 and 6.5.2
                minimum=16384,
                maximum=2**24 - 1,
                error="PROTOCOL_ERROR",
            ),
            Setting("MAX_HEADER_LIST_SIZE", 0x06, "6.5.2", initial=None),
        )
    ),
    errors={  # draft-14 7
        "NO_ERROR": 0x00,
        "PROTOCOL_ERROR": 0x01,
        "INTERNAL_ERROR": 0x02,
        "FLOW_CONTROL_ERROR": 0x03,
        "SETTINGS_TIMEOUT": 0x04,
        "STREAM_CLOSED": 0x05,
        "FRAME_SIZE_ERROR": 0x06,
        "REFUSED_STREAM": 0x07,
        "CANCEL": 0x08,
        "COMPRESSION_ERROR": 0x09,
        "CONNECT_ERROR": 0x0A,
        "ENHANCE_YOUR_CALM": 0x0B,
        "INADEQUATE_SECURITY": 0x0C,
    },
    generic_errors=(),  # draft-14 5.4: no code stands for another
    malformed_errors=("PROTOCOL_ERROR",),  # draft-14 8.1.2.6
    pseudo={  # draft-14 8.1.2.3 and 8.1.2.4
        "method": ":method",
        "scheme": ":scheme",
        "authority": ":authority",
        "path": ":path",
        "status": ":status",
    },
)
