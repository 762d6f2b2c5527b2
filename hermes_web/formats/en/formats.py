"""How dates are written where a template does not say it: in a form that no country reads another way, and in UTC."""

from __future__ import annotations

DATE_FORMAT = SHORT_DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y, H:i e"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
