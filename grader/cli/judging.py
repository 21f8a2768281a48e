"""What a language model was asked and what that came to, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.llm.tally import Tally


def told(tally: Tally) -> str:
    """How many answers it judged, why not the others, and what that took."""
    parts = [f"the language model judged {tally.judged:,} of {tally.asked:,} answers"]
    failed = {outcome: count for outcome, count in tally.outcomes.items() if outcome != "judged"}
    if failed:
        why = ", ".join(f"{count:,} {outcome.replace('_', ' ')}" for outcome, count in sorted(failed.items()))
        parts[0] += f" (local grades stand: {why})"
    if tally.from_cache:
        parts.append(f"{tally.from_cache:,} kept from before")
    parts.append(f"{tally.tokens_read:,} tokens read, {tally.tokens_written:,} written")
    if tally.cost is not None:
        parts.append(f"cost {tally.cost:,.4g}")
    if tally.median_seconds is not None:
        parts.append(f"{tally.seconds:,.1f} s of calls, {tally.median_seconds:.2g} s the median")
    return "; ".join(parts)
