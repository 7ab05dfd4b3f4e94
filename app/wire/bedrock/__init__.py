"""Amazon Bedrock's Converse and its event stream."""
