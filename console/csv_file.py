"""Numbers as a file for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

# Excel reads a file without it as one of another encoding, and spoils every letter that English does not have.
MARK = "\ufeff"


def csv_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return a download of rows under their heads."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.write(MARK)
    writer = csv.writer(answer)
    writer.writerow(heads)
    writer.writerows([_harmless("" if cell is None else str(cell)) for cell in row] for row in rows)
    return answer


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
