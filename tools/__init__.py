"""What `./run` calls: tests, checks, benchmarks and the generated documentation."""
