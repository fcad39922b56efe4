"""What we observe: regions, panels of them, and every repair said."""
