"""What every answer says about other origins. Source: openpanel contract §1.3."""

ANY_ORIGIN = ((b"access-control-allow-origin", b"*"), (b"vary", b"Origin"))
