"""What the library's formats for dates and times let through though it is none, as patterns to add. Pure.

RFC 3339 has no 29 February but in leap years, and a 60th second only where a leap second was; none is needed, so none
is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_LONG_MONTH = r"(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
_SHORT_MONTH = r"(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
_FEBRUARY = r"02-(?:0[1-9]|1\d|2[0-8])"
_LEAP_YEAR = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DATE = rf"(?:\d{{4}}-(?:{_LONG_MONTH}|{_SHORT_MONTH}|{_FEBRUARY})|{_LEAP_YEAR}-02-29)"
_TIME = r"\d\d:\d\d:[0-5]\d"

PATTERNS: Mapping[str, str] = MappingProxyType(
    {"date": f"^{_DATE}$", "time": f"^{_TIME}", "date-time": f"^{_DATE}[Tt ]{_TIME}"}
)
"""By the format's name."""
