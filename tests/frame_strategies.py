"""Frames of any shape that a server may send."""

from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
FIELDS = ("type", "event", "data", "payload", "error", "error_code", "message", "details")
FRAMES = st.dictionaries(st.sampled_from(FIELDS), JSON)
