"""What a caller is told of guardrails: `hook_results`, and whether one complains (status 246).

Told are those that the request adds and those of the config on the way that was last taken, and whichever
ended the exchange. Others are the operator's own.
"""

from typing import Any

from app.account import Account
from app.hop_requests import HopRequests
from app.policy import Policy
from app.wire.openai.hook_results import complaint, hook_results
from guardrails import Verdict


class ToldGuardrails:
    """Those of one exchange.

    Args:
        policy: all guardrails.
        hops: knows which the caller is told about.
        account: what they have said so far.
    """

    def __init__(self, policy: Policy, hops: HopRequests, account: Account) -> None:
        self._policy = policy
        self._hops = hops
        self._account = account

    @property
    def status(self) -> int:
        """Status line of the answer, as soon as something of that has been released."""
        return self._account.answered_status

    def complaint(self) -> Verdict | None:
        """Return the verdict of one that complains without ending the exchange, as far as that is known."""
        hooks = self._hops.told
        return complaint(hooks, self._account.verdicts) if hooks else None

    def results(self) -> dict[str, Any] | None:
        """Return what they said so far, in Portkey's shape; None: the caller is told of none."""
        hooks, denial = self._hops.told, self._account.denial
        if denial is not None and not any(
            one.name == denial.guardrail for hook in hooks for one in hook.guardrails
        ):
            hooks = (*hooks, *self._policy.hooks(denial.guardrail))
        return hook_results(hooks, self._account.verdicts) if hooks else None
