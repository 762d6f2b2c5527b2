"""Errors of jobs."""

from __future__ import annotations


class JobFailed(Exception):
    """A turn could not do its work; `words` tell the job's owner why. `again` says whether a later try may help."""

    def __init__(self, words: str, *, again: bool = True) -> None:
        super().__init__(words)
        self.words = words
        self.again = again
