"""The claims of a theory put to data: what each asks, what data say, and a verdict that no one choice decides."""
