"""What members see, and the door that everybody else sees."""
