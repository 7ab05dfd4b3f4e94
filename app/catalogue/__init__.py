"""What is known of providers and models before anybody configures anything: data, and how it is read."""
