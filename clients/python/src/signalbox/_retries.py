"""How often something is tried again, and after which wait."""

from __future__ import annotations

import email.utils
import random
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retries:
    """
    Tries after the first one, of what is safe to ask for again. The wait before retry `n` is random, up to
    `first_wait * 2**n` seconds and `longest_wait`; a `Retry-After` of the server is waited for in full, unless it is longer than
    `longest_retry_after`: the error is raised then.
    """

    count: int = 4
    first_wait: float = 0.2
    longest_wait: float = 8.0
    longest_retry_after: float = 30.0

    def __post_init__(self) -> None:
        if self.count < 0 or min(self.first_wait, self.longest_wait, self.longest_retry_after) < 0:
            raise ValueError("retries: count and waits must not be negative")

    def wait_before(self, retry: int, retry_after: str | None) -> float | None:
        """Seconds to wait before retry number `retry`, from 0. None: do not try again."""
        if retry >= self.count:
            return None
        asked = seconds_of(retry_after)
        if asked > self.longest_retry_after:
            return None
        spread = random.uniform(0, min(self.longest_wait, self.first_wait * 2.0**retry))  # noqa: S311
        return asked + spread


no_retries = Retries(count=0)


def seconds_of(retry_after: str | None) -> float:
    """Of a `Retry-After`, in either of its forms; 0 of none and of one that cannot be read."""
    if retry_after is None:
        return 0
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return 0
