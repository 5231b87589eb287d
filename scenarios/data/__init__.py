"""The data that scenarios train on: generators and bundled files."""
