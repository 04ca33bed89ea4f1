"""Nothing is asked of the outside, not even this machine's address there."""

from streamlit import net_util

HERE = "127.0.0.1"


def look_up_no_address() -> None:
    """Let a foreign origin be refused without a question to anybody.

    Before it refuses one, Streamlit compares it with this machine's addresses, which it
    looks up at checkip.amazonaws.com and beside a name server's; no setting keeps it
    from that. A page reached by its address is its own origin and needs neither.
    """
    # It keeps what it has found here. Of another version it would look it up.
    for name in ("_external_ip", "_internal_ip"):
        setattr(net_util, name, HERE)
