"""The `urls` check: hosts, schemes and what an address carries away."""
