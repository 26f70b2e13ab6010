"""The suite itself is tested: faults are planted one at a time, and the test named for each has to fail."""
