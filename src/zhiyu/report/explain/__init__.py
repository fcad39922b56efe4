"""The chapter that says why regions differ, a question a room."""
