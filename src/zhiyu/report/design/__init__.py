"""What to do: the plan, what else the budget could have done, who gains and loses, and what could break it."""
