"""Routing configs that say much of what one can say."""

from typing import Any

FULL: dict[str, Any] = {
    "strategy": {"mode": "fallback", "on_status_codes": [429, 500.0], "cb_config": {"failure_threshold": 3}},
    "retry": {"attempts": 9, "on_status_codes": [], "use_retry_after_headers": True},
    "cache": {"mode": "semantic", "max_age": 60, "threshold": 0.9, "namespace": "a"},
    "override_params": {"temperature": None},
    "input_guardrails": ["no-secrets", {"default.contains": {"words": ["x"]}, "deny": True}],
    "targets": [
        {"provider": "@claude", "override_params": {"model": "@claude/claude-sonnet-4-5"}, "weight": 0.5},
        {
            "name": "own",
            "provider": "openai",
            "api_key": "sk-1",
            "custom_host": "http://h/v1",
            "aws_region": "us-east-1",
            "vertex_service_account_json": {"type": "service_account"},
            "forward_headers": ["X-Team"],
            "request_timeout": 1_500,
            "strict_open_ai_compliance": False,
            "default_params": {"top_p": 1},
            "drop_params": ["user"],
            "retry": {"attempts": 0},
        },
        {"virtual_key": "openai-prod", "prompt_id": "pp-1", "cache": None},
    ],
}

CONDITIONAL: dict[str, Any] = {
    "strategy": {
        "mode": "conditional",
        "conditions": [{"query": {"metadata.plan": "paid"}, "then": "good"}],
        "default": "cheap",
    },
    "targets": [{"name": "good"}, {"name": "cheap"}],
}
