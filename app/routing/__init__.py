"""From what a caller asks for to what a provider is asked."""
