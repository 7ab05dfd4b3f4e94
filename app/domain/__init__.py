"""What an exchange is. No I/O, no framework."""
